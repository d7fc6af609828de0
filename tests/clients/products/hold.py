"""hold.py PORT SQL: a session through the proxy, held until standard input ends. Prints the first row of its statement."""
import sys

from impala.dbapi import connect

connection = connect(host="proxy.example.test", port=int(sys.argv[1]), auth_mechanism="GSSAPI",
                     kerberos_service_name="impala")
cursor = connection.cursor()
cursor.execute(sys.argv[2])
print(*cursor.fetchone(), sep="\t", flush=True)
sys.stdin.read()
