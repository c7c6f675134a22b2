# The lab's own certificate authority, in $STATE/authority.pem. Sourced after network.sh.

make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 -subj "/CN=Wardline lab authority" \
        -keyout "$STATE/authority.key" -out "$STATE/authority.pem" 2>"$STATE/logs/authority.log"
}

# issue_certificate FILE NAME : FILE.pem and FILE.key for a server of that name.
issue_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 -subj "/CN=$2" \
        -CA "$STATE/authority.pem" -CAkey "$STATE/authority.key" -addext "subjectAltName=DNS:$2" \
        -addext "basicConstraints=critical,CA:FALSE" -keyout "$1.key" -out "$1.pem" 2>>"$STATE/logs/authority.log"
}
