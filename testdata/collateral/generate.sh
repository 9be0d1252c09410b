#!/bin/sh
# Makes bundle.json anew from the JSON texts of this directory, which are written by hand: signs
# them with keys that are thrown away, under a chain shaped like Intel's, with its CRLs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > openssl.cnf <<'END'
[root]
basicConstraints = critical, CA:TRUE, pathlen:1
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[platform]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[signing]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[ca]
default_ca = any
[any]
database = index
crlnumber = number
default_md = sha256
default_crl_days = 36500
crl_extensions = crl
[crl]
authorityKeyIdentifier = keyid:always
END

# request NAME COMMON_NAME
request() {
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
    -pkeyopt ec_param_enc:named_curve -out "$1.key"
  openssl req -new -key "$1.key" -subj "/CN=$2/O=Quoin tests/C=DE" -out "$1.csr"
}

# certify NAME OPTIONS...: the issuer in the options
certify() {
  name=$1
  shift
  openssl x509 -req -sha256 -days 36500 -in "$name.csr" -extfile openssl.cnf \
    -extensions "$name" -out "$name.pem" "$@"
}

# crl NAME: as DER in hex
crl() {
  : > index
  echo 01 > number
  openssl ca -gencrl -config openssl.cnf -cert "$1.pem" -keyfile "$1.key" |
    openssl crl -outform DER | od -An -v -tx1 | tr -d ' \n'
}

# raw_signature FILE: r || s in hex
raw_signature() {
  openssl dgst -sha256 -sign signing.key "$1" | openssl asn1parse -inform DER |
    sed -n 's/.*INTEGER *://p' | while read -r number; do
      printf '%64s' "$number" | tr ' A-F' '0a-f'
    done
}

# json_string FILE: its text as a JSON string
json_string() {
  printf '"%s"' "$(sed -e 's/"/\\"/g' -e 's/$/\\n/' "$1" | tr -d '\n')"
}

request root "Test Root CA"
request platform "Test PCK Platform CA"
request signing "Test TCB Signing"
certify root -signkey root.key
certify platform -CA root.pem -CAkey root.key
certify signing -CA root.pem -CAkey root.key
cat platform.pem root.pem > pck_crl_chain.pem
cat signing.pem root.pem > signing_chain.pem

# What is signed has no line break at its end.
printf '%s' "$(cat "$here/tcb_info_tdx.json")" > tcb_info
printf '%s' "$(cat "$here/qe_identity.json")" > qe_identity

text_of() { sed 's/"/\\"/g' "$1"; }
cat > "$here/bundle.json" <<END
{
  "pck_crl_issuer_chain": $(json_string pck_crl_chain.pem),
  "root_ca_crl": "$(crl root)",
  "pck_crl": "$(crl platform)",
  "tcb_info_issuer_chain": $(json_string signing_chain.pem),
  "tcb_info": "$(text_of tcb_info)",
  "tcb_info_signature": "$(raw_signature tcb_info)",
  "qe_identity_issuer_chain": $(json_string signing_chain.pem),
  "qe_identity": "$(text_of qe_identity)",
  "qe_identity_signature": "$(raw_signature qe_identity)"
}
END
