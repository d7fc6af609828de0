"""hue.py HUE_INI SQL: reads the [impala] part as Hue does, with ConfigObj, and logs in with what it says: the ticket is for
server_host, the service is the first part of impala_principal. Hue itself is a web server and is not run."""
import sys

from configobj import ConfigObj
from impala.dbapi import connect

impala = ConfigObj(sys.argv[1], raise_errors=True)['impala']
connection = connect(
    host=impala['server_host'],
    port=int(impala['server_port']),
    auth_mechanism='GSSAPI',
    kerberos_service_name=impala['impala_principal'].split('/')[0],
)
cursor = connection.cursor()
cursor.execute(sys.argv[2])
print(*cursor.fetchone(), sep='\t')
