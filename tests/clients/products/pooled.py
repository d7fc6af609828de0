"""pooled.py PORT: Hue's pattern with impyla's Thrift client. Ten connections to one name, of one user from one address; three
sessions, each opened on a connection of its own; then every request of a query (execute, status, metadata, rows, close) goes
over whichever connection is next, as from Hue's pool. One session is first used when the line `late` comes on standard
input, over connections that have not spoken for it: what happens then is printed as one line.

Prints `session N HOST` for each, `requests N` when all were answered right, and `late TEXT` for what came late."""
import itertools
import sys

from impala._thrift_gen.TCLIService import ttypes
from impala._thrift_gen.TCLIService.TCLIService import Client
from impala._thrift_api import get_socket, get_transport
from thrift.protocol.TBinaryProtocol import TBinaryProtocol

CONNECTIONS, SESSIONS, QUERIES = 10, 3, 4
PROXY = "proxy.example.test"


class Wrong(Exception):
    """An answer that is not that of the session's own coordinator."""


def connect(port):
    sock = get_socket(PROXY, port, False, None, False)
    sock.setTimeout(30_000)
    transport = get_transport(sock, PROXY, "impala", "GSSAPI")
    transport.open()
    return Client(TBinaryProtocol(transport))


def good(answer):
    if answer.status.statusCode not in (ttypes.TStatusCode.SUCCESS_STATUS, ttypes.TStatusCode.SUCCESS_WITH_INFO_STATUS):
        raise Wrong(answer.status.errorMessage)
    return answer


class Pool:
    def __init__(self, connections):
        self.next = itertools.cycle(connections).__next__
        self.requests = 0

    def call(self, method, request):
        """Over the next connection, whoever it is."""
        self.requests += 1
        return good(getattr(self.next(), method)(request))


def query(pool, session, sql):
    """One query; every request of it over another connection. Its row."""
    operation = pool.call("ExecuteStatement", ttypes.TExecuteStatementReq(session, sql)).operationHandle
    while pool.call("GetOperationStatus", ttypes.TGetOperationStatusReq(operation)).operationState in (
            ttypes.TOperationState.INITIALIZED_STATE, ttypes.TOperationState.PENDING_STATE,
            ttypes.TOperationState.RUNNING_STATE):
        pass
    pool.call("GetResultSetMetadata", ttypes.TGetResultSetMetadataReq(operation))
    fetch = ttypes.TFetchResultsReq(operation, ttypes.TFetchOrientation.FETCH_NEXT, 10)
    columns = pool.call("FetchResults", fetch).results.columns
    pool.call("CloseOperation", ttypes.TCloseOperationReq(operation))
    return [column.stringVal.values[0].decode() for column in columns]


def main():
    connections = [connect(int(sys.argv[1])) for _ in range(CONNECTIONS)]
    opening = ttypes.TOpenSessionReq(ttypes.TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V6)
    # Each connection has been used once before a pool hands it on.
    sessions = [good(connection.OpenSession(opening)).sessionHandle for connection in connections]
    pool = Pool(connections[:-1])
    hosts = {}
    for number, session in enumerate(sessions[:SESSIONS]):
        for count in range(QUERIES):
            sql = f"select {number}, {count}"
            user, host, statement = query(pool, session, sql)
            if (user, statement) != ("alice@EXAMPLE.TEST", sql) or hosts.setdefault(number, host) != host:
                raise Wrong(f"{user} was answered {statement} by {host}")
        print("session", number, hosts[number], flush=True)
    print("requests", pool.requests, flush=True)
    if sys.stdin.readline().strip() != "late":
        return
    # The last connection has spoken for its own session alone.
    said = []
    for number in range(SESSIONS):
        try:
            query(Pool([connections[-1]]), sessions[number], "select 1")
            said.append(f"{hosts[number]}: answered")
        except Exception as error:  # pylint: disable=broad-except
            said.append(f"{hosts[number]}: {error}")
            break
    print("late", *said, sep="\t", flush=True)


try:
    main()
except Exception as problem:  # pylint: disable=broad-except
    print("failed", type(problem).__name__, problem, flush=True)
    sys.exit(1)
