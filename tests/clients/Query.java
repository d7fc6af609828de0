import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

/** Query.java URL SQL: a program on JDBC as any other. Prints each row, its columns with tabs between them. */
public class Query {
  public static void main(String[] arguments) throws Exception {
    try (Connection connection = DriverManager.getConnection(arguments[0]);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(arguments[1])) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        StringBuilder line = new StringBuilder();
        for (int column = 1; column <= columns; ++column) {
          line.append(column > 1 ? "\t" : "").append(rows.getString(column));
        }
        System.out.println(line);
      }
    }
  }
}
