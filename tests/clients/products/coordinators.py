"""What stands behind the proxy: HiveServer2, or the tests' stand-in for an impalad."""
import os
import shutil
from xml.sax.saxutils import escape

from world import (BUILD, CACHE, FOLDER, JAVA_REALM, OPENS, PROXY, REALM, Process, address, free_port, is_listening, kadmin,
                   run)


class StandIn(Process):
    """`coordinator`: logins by MIT's GSSAPI as impalad has them, in silence where it refuses."""

    def __init__(self, host, *options, env=None):
        self.host, self.port = host, free_port(address(host))
        super().__init__(f"{host}-stand-in", [f"{BUILD}/coordinator", "--listen", f"{address(host)}:{self.port}",
                                              "--flagfile", f"hosts.d/{host}/impalad_flags", "--name", host, *options],
                         env)
        self.wait_until("'listening'", lambda: "\nlistening " in f"\n{self.text()}")


def properties(folder, host, port, tls):
    """hive-site.xml, beyond Hive's defaults: Kerberos as Impala has it, everything else in this one process and folder."""
    hive = {
        "hive.server2.authentication": "KERBEROS",
        "hive.server2.authentication.kerberos.principal": f"impala/{PROXY}@{REALM}",
        "hive.server2.authentication.kerberos.keytab": f"{FOLDER}/hosts.d/{host}/impala.keytab",
        "hive.server2.enable.doAs": "false",
        "hive.server2.transport.mode": "binary",
        "hive.server2.thrift.bind.host": address(host),
        "hive.server2.thrift.port": port,
        "hive.server2.thrift.min.worker.threads": 2,
        "hive.server2.webui.port": 0,
        "hive.server2.max.start.attempts": 1,
        "hive.server2.logging.operation.enabled": "false",
        "hive.server2.materializedviews.registry.impl": "DUMMY",
        "hive.server2.metrics.enabled": "false",
        "hive.async.log.enabled": "false",
        "hive.server2.tez.initialize.default.sessions": "false",
        "hive.execution.engine": "mr",
        "hive.fetch.task.conversion": "more",
        "hive.query.results.cache.enabled": "false",
        "hive.support.concurrency": "false",
        "hive.txn.manager": "org.apache.hadoop.hive.ql.lockmgr.DummyTxnManager",
        "hive.compactor.initiator.on": "false",
        "hive.scheduled.queries.executor.enabled": "false",
        "hive.notification.event.poll.interval": "0s",
        "hive.metastore.event.db.notification.api.auth": "false",
        "hive.metastore.schema.verification": "false",
        "datanucleus.schema.autoCreateAll": "true",
        "javax.jdo.option.ConnectionURL": f"jdbc:derby:memory:{host}{port};create=true",
        "javax.jdo.option.ConnectionDriverName": "org.apache.derby.jdbc.EmbeddedDriver",
        "hive.metastore.warehouse.dir": f"file://{folder}/warehouse",
        # A statement can ask for it: which of the two answers.
        "kerbgate.host": host,
    }
    for name in ("hive.exec.scratchdir", "hive.exec.local.scratchdir", "hive.downloaded.resources.dir", "hive.repl.rootdir",
                 "hive.querylog.location", "hive.repl.cmrootdir", "hive.query.results.cache.directory",
                 "hive.user.install.directory"):
        hive[name] = f"{folder}/{name}"
    if tls:
        hive.update({"hive.server2.use.SSL": "true", "hive.server2.keystore.path": f"{FOLDER}/tls/{host}.p12",
                     "hive.server2.keystore.type": "PKCS12", "hive.server2.keystore.password": "changeit"})
    return hive


def write_xml(file, values):
    with open(file, "w", encoding="utf-8") as out:
        out.write("<configuration>\n")
        for name, value in values.items():
            out.write(f"  <property><name>{name}</name><value>{escape(str(value))}</value></property>\n")
        out.write("</configuration>\n")


class HiveServer2(Process):
    """The product, in a JVM of its own; `wait` returns when it takes connections."""

    def __init__(self, host, tls=False):
        self.host, self.port = host, free_port(address(host))
        name = f"{host}-hiveserver2{'-tls' if tls else ''}"
        folder = f"{FOLDER}/{name}"
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(f"{folder}/conf")
        os.makedirs(f"{folder}/tmp")
        write_xml(f"{folder}/conf/hive-site.xml", properties(folder, host, self.port, tls))
        write_xml(f"{folder}/conf/core-site.xml", {
            "fs.defaultFS": "file:///", "hadoop.security.authentication": "kerberos", "hadoop.tmp.dir": f"{folder}/tmp",
            "hadoop.security.auth_to_local": "DEFAULT"})
        with open(f"{folder}/conf/hive-log4j2.properties", "w", encoding="ascii") as log:
            log.write("status = ERROR\nappender.out.type = Console\nappender.out.name = out\n"
                      "appender.out.layout.type = PatternLayout\nappender.out.layout.pattern = %d %p %c{1}: %m%n\n"
                      "rootLogger.level = INFO\nrootLogger.appenderRef.out.ref = out\n")
        super().__init__(name, [
            "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *OPENS, JAVA_REALM,
            "-Djava.net.preferIPv4Stack=true", f"-Djava.io.tmpdir={folder}/tmp", f"-Dderby.system.home={folder}",
            f"-Dhadoop.home.dir={folder}", f"-Dlog4j.configurationFile={folder}/conf/hive-log4j2.properties",
            "-cp", f"{folder}/conf:{CACHE}/hiveserver2/*", "org.apache.hive.service.server.HiveServer2"],
            {"JAVA_TOOL_OPTIONS": ""})

    def wait(self):
        self.wait_until("its port", lambda: is_listening(address(self.host), self.port), 300)


def give_key(host, *keytabs):
    """HOST's keytab: its own key and KEYTABS. It is read at each login, so nothing is restarted."""
    files = [f"keytabs/{host}.keytab", *keytabs]
    out = f"hosts.d/{host}/impala.keytab"
    if len(files) == 1:
        run("cp", files[0], out)
    else:
        if os.path.exists(out):
            os.remove(out)
        run("keytool", "merge", *files, "-o", out)


def change_proxy_key():
    """A new version at the KDC; nobody has it yet."""
    kadmin("cpw", "-randkey", f"impala/{PROXY}")
