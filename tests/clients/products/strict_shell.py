"""impala-shell, the program itself, for a HiveServer2: with --strict_hs2_protocol 4.6.0 takes -k for a login by password and asks
for a ticket of an empty service name. One argument is put right, before it goes to the class that connects."""
import sys

from impala_shell import impala_client, impala_shell

connect = impala_client.StrictHS2Client.__init__


def with_kerberos(self, *arguments, **options):
    connect(self, *arguments, **options)
    if self.use_kerberos:
        self.use_ldap = False


impala_client.StrictHS2Client.__init__ = with_kerberos
sys.argv[0] = "impala-shell"
sys.exit(impala_shell.impala_shell_main())
