#include "diagnosis/cause_rows.hpp"

namespace kerbgate::diagnosis {
namespace {

constexpr CauseRow kNames[]{
    {Cause::fqdn_is_an_address, "fqdn-is-an-address", "an address stands where a name is needed",
     "Kerberos has no tickets for addresses: clients get 'Server not found in Kerberos database'.",
     "give the proxy an A record and its PTR, and use that name: getent hosts {address}"},
    {Cause::fqdn_is_short, "fqdn-is-short", "the name is not fully qualified",
     "Clients ask for the full name, which is another principal.", "use the full name: getent hosts {name}"},
    {Cause::fqdn_is_a_cname, "fqdn-is-a-cname", "the name is an alias of another",
     "Kerberos clients follow a CNAME (or the first name of an /etc/hosts line) and ask for service/that name.",
     "give {name} an A record of its own, or use {found} as the name, or set dns_canonicalize_hostname = false in "
     "krb5.conf on every client and coordinator: getent ahosts {name}"},
    {Cause::name_upper_case, "name-upper-case", "the name has capital letters",
     "Clients fold names to lower case, principals compare by case.", "write {wanted}"},
    {Cause::name_malformed, "name-malformed", "this cannot be a host's name",
     "Letters, digits, '-', '_' and dots make a host's name; _HOST is no name, each host replaces it with another.",
     "write the host's full name, as it says it itself: ssh {host} hostname -f"},
    {Cause::name_not_found, "name-not-found", "the name has no address",
     "Nobody can connect to it, and no ticket is asked for.",
     "create its A or AAAA record and the PTR record of that address, or add it to /etc/hosts on every host: getent "
     "hosts {name}"},
    {Cause::name_too_long, "name-too-long", "the host's name has more than 63 characters",
     "impalad cuts host names at 63 (KUDU-2989), so that the principal is another.", "give {host} a shorter name"},
    {Cause::proxy_is_a_coordinator, "proxy-is-a-coordinator", "the proxy's name is the host's own",
     "Every coordinator would then hold the key with which this host talks to the other daemons, and moving the proxy "
     "would rename the host.",
     "give the proxy a name and an address of its own, with an A and a PTR record: getent hosts {proxy}"},
    {Cause::ptr_missing, "ptr-missing", "the address has no PTR record",
     "MIT Kerberos keeps the forward name then; Java and other clients may ask for another, or for the address.",
     "create a PTR record of {address} that names {name}: getent hosts {address}"},
    {Cause::ptr_other_name, "ptr-other-name", "the address reverse-resolves to another name",
     "With rdns (the default) clients and coordinators use the PTR's name: clients ask for service/that name, or the "
     "coordinator logs 'No key table entry found matching service/that name@'.",
     "fix the PTR record of {address} to name {name}, or set rdns = false in krb5.conf on every client and "
     "coordinator: getent hosts {address}"},
    {Cause::ptr_is_a_coordinator, "ptr-is-a-coordinator", "the proxy's address reverse-resolves to a coordinator",
     "Clients then ask for the coordinator's own ticket through the proxy, which works on that one and fails on the "
     "others: logins fail now and then.",
     "give {proxy} an address of its own whose PTR record names it, or set rdns = false in krb5.conf on every client: "
     "getent hosts {address}"},
    {Cause::dns_no_answer, "dns-no-answer", "DNS did not answer", "What clients will ask for is not known.",
     "check /etc/resolv.conf and the name servers it names: getent hosts {name}"},
};

constexpr CauseRow kNetwork[]{
    {Cause::clock_skew, "clock-skew", "the clock differs from the KDC's by more than Kerberos allows",
     "'Clock skew too great' at kinit or at the login; five minutes are allowed.",
     "set the clock and keep it: chronyc makestep; systemctl enable --now chronyd"},
    {Cause::kdc_down, "kdc-down", "no KDC of the realm answers",
     "'Cannot contact any KDC for realm': who has a ticket still logs in, nobody gets a new one.",
     "start the KDC, or correct the realm's kdc lines in krb5.conf and the firewall (port 88, TCP and UDP): "
     "KRB5_TRACE=/dev/stderr kinit -k -t {keytab} {principal}"},
    {Cause::realm_unknown, "realm-unknown", "no KDC is known for the realm",
     "'Cannot find KDC for realm': krb5.conf does not name it and DNS has no SRV record. Case and blanks count.",
     "name its KDC in [realms] of krb5.conf, or correct the realm: KRB5_TRACE=/dev/stderr kinit USER@{realm}"},
    {Cause::service_principal_unknown, "service-principal-unknown", "the KDC does not know the service's principal",
     "'Server not found in Kerberos database' at every client.",
     "create it at the KDC (kadmin.local -q 'addprinc -randkey {principal}') and export it without changing its key "
     "(kadmin.local -q 'ktadd -norandkey -k new.keytab {principal}'), then: keytool merge {keytab} new.keytab -o "
     "{keytab}"},
    {Cause::port_closed, "port-closed", "nothing listens on the port",
     "'Could not connect': the daemon or the proxy is down, listens elsewhere, or a firewall is between.",
     "start it, or look at its log: nc -vz {host} {port}"},
    {Cause::login_refused, "login-refused", "the login was refused without a word",
     "The coordinator closes the connection and clients print 'TSocket read 0 bytes'. The reason is in its own log "
     "only.",
     "look for 'SASL message' in the log of {host}, and at its keytab: keytool verify {keytab} --proxy {proxy} --host "
     "{host}"},
    {Cause::direct_connection_without_b, "direct-connection-without-b",
     "a client that connects to a coordinator directly has a ticket of its host, not of the proxy",
     "The coordinator accepts tickets of the proxy's name alone: 'Request ticket server found in keytab but does not "
     "match server principal', and 'TSocket read 0 bytes' at the client.",
     "connect through the proxy, or name it to the client: impala-shell -k -i {host} -b {proxy}"},
    {Cause::certificate_without_proxy_name, "certificate-without-proxy-name",
     "the certificate does not carry the proxy's name",
     "Clients that verify it refuse to connect: they compare it with the name that they connected to.",
     "have the certificate of {host} made again with DNS:{proxy} beside its own name among its subject alternative "
     "names; to see them: openssl s_client -connect {host}:{port} </dev/null | openssl x509 -noout -ext "
     "subjectAltName"},
    {Cause::certificate_expired, "certificate-expired", "the certificate is not valid today",
     "Clients that verify it refuse to connect.",
     "have it made again; to see its dates: openssl s_client -connect {host}:{port} </dev/null | openssl x509 -noout "
     "-dates"},
    {Cause::tls_not_spoken, "tls-not-spoken", "one side speaks TLS and the other does not",
     "The client hangs or says 'wrong version number'; without TLS it says 'TSocket read 0 bytes'.",
     "give all coordinators the same --ssl_server_certificate and --ssl_private_key flags, and clients --ssl: openssl "
     "s_client -connect {host}:{port}"},
    {Cause::login_stalled, "login-stalled", "the port takes the connection and does not answer the login",
     "impalad logs clients in on two threads a port and waits 300 s for each of them: two silent connections (a port "
     "scan, a check that stays connected) block every login. A hung daemon looks the same.",
     "find what stays connected without a word (ss -tnp 'sport = :{port}' on {host}), let checks leave at once, or "
     "restart the daemon"},
    {Cause::port_speaks_otherwise, "port-speaks-otherwise", "the port answers in another protocol",
     "It is not HiveServer2's binary port with Kerberos: 28000 is HTTP, 25000 the web page, and without Kerberos "
     "there is no SASL.",
     "name the right port (21050 unless --hs2_port says otherwise), and see that --principal is set: ss -tlnp | grep "
     "impalad"},
    {Cause::login_key_refused, "login-key-refused", "the KDC does not accept the keytab's key",
     "The key that the daemon logs in with is not the KDC's: it does not start, 'unable to kinit: Password incorrect' "
     "or 'Preauthentication failed'.",
     "export {principal} at the KDC without changing its key (kadmin.local -q 'ktadd -norandkey -k new.keytab "
     "{principal}'), then: keytool merge new.keytab {keytab} --prefer first -o {keytab}"},
    {Cause::certificate_without_host_name, "certificate-without-host-name",
     "the certificate does not carry the host's own name",
     "Clients that connect past the proxy refuse it, and so does a proxy that verifies the name of its servers.",
     "have the certificate of {host} made again with DNS:{host} beside DNS:{proxy} among its subject alternative "
     "names; to see them: openssl s_client -connect {host}:{port} </dev/null | openssl x509 -noout -ext "
     "subjectAltName"},
    {Cause::certificate_not_trusted, "certificate-not-trusted", "the certificate's chain is not trusted",
     "Clients that verify it refuse to connect unless they are given its CA (impala-shell --ca_cert). A missing "
     "intermediate certificate looks the same.",
     "give the CA's file with --ca-cert, or have the daemon send the whole chain: openssl s_client -connect "
     "{host}:{port} -showcerts </dev/null"},
    {Cause::service_threads_busy, "service-threads-busy",
     "the login is accepted, and then nobody serves the connection",
     "All of the daemon's --fe_service_threads (64 a port) are held by connections, idle ones too: the coordinator "
     "logs "
     "'All 64 server threads are in use', and clients hang after the login until it says 'Server busy'.",
     "give the proxy's server lines a maxconn below --fe_service_threads so that clients wait in its queue, raise that "
     "flag, or close idle sessions (--idle_session_timeout); who holds them: ss -tn 'sport = :{port}' on {host}"},
};

}  // namespace

std::span<const CauseRow> name_causes() { return kNames; }
std::span<const CauseRow> network_causes() { return kNetwork; }

}  // namespace kerbgate::diagnosis
