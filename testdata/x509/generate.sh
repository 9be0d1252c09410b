#!/bin/sh
# Makes the files of this directory anew, with keys that are thrown away: a chain shaped like
# Intel's, its CRLs, and certificates and CRLs that are well-formed and not supported. Cases that
# openssl will not make are made in the tests (src/x509/der_test_builder.h).
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
authorityKeyIdentifier = keyid:always

[platform]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always

[pck]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
crlDistributionPoints = URI:https://example.com/crl.der
1.2.840.113741.1.13.1 = ASN1:SEQUENCE:sgx

[sgx]
ppid = SEQUENCE:ppid
tcb = SEQUENCE:tcb
pceid = SEQUENCE:pceid
fmspc = SEQUENCE:fmspc
type = SEQUENCE:type
instance = SEQUENCE:instance
configuration = SEQUENCE:configuration
[ppid]
id = OID:1.2.840.113741.1.13.1.1
value = FORMAT:HEX,OCTETSTRING:000102030405060708090a0b0c0d0e0f
[pceid]
id = OID:1.2.840.113741.1.13.1.3
value = FORMAT:HEX,OCTETSTRING:a1a2
[fmspc]
id = OID:1.2.840.113741.1.13.1.4
value = FORMAT:HEX,OCTETSTRING:b1b2b3b4b5b6
[type]
id = OID:1.2.840.113741.1.13.1.5
value = ENUMERATED:1
[instance]
id = OID:1.2.840.113741.1.13.1.6
value = FORMAT:HEX,OCTETSTRING:c0c1c2c3c4c5c6c7c8c9cacbcccdcecf
[configuration]
id = OID:1.2.840.113741.1.13.1.7
value = SEQUENCE:configuration_members
[configuration_members]
dynamic = SEQUENCE:dynamic
cached = SEQUENCE:cached
smt = SEQUENCE:smt
[dynamic]
id = OID:1.2.840.113741.1.13.1.7.1
value = BOOLEAN:TRUE
[cached]
id = OID:1.2.840.113741.1.13.1.7.2
value = BOOLEAN:FALSE
[smt]
id = OID:1.2.840.113741.1.13.1.7.3
value = BOOLEAN:TRUE
[tcb]
id = OID:1.2.840.113741.1.13.1.2
value = SEQUENCE:tcb_members
END
{
  echo "[tcb_members]"
  for n in $(seq 18); do echo "member$n = SEQUENCE:tcb$n"; done
  for n in $(seq 16); do
    printf '[tcb%s]\nid = OID:1.2.840.113741.1.13.1.2.%s\nvalue = INTEGER:%s\n' "$n" "$n" \
      $((n * 15))
  done
  printf '[tcb17]\nid = OID:1.2.840.113741.1.13.1.2.17\nvalue = INTEGER:40000\n'
  printf '[tcb18]\nid = OID:1.2.840.113741.1.13.1.2.18\n'
  printf 'value = FORMAT:HEX,OCTETSTRING:d0d1d2d3d4d5d6d7d8d9dadbdcdddedf\n'
} >> openssl.cnf

subject() { echo "/CN=$1/O=Quoin tests/C=DE"; }

# request NAME COMMON_NAME KEY_OPTIONS...
request() {
  name=$1 common_name=$2
  shift 2
  openssl genpkey -quiet "$@" -out "$name.key"
  openssl req -new -key "$name.key" -subj "$(subject "$common_name")" -out "$name.csr"
}
p256="-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve"

# shellcheck disable=SC2086
request root "Test Root CA" $p256
# shellcheck disable=SC2086
request platform "Test PCK Platform CA" $p256
# shellcheck disable=SC2086
request pck "Test PCK Certificate" $p256
request rsa "Test RSA" -algorithm RSA -pkeyopt rsa_keygen_bits:2048
request p384 "Test P-384" -algorithm EC -pkeyopt ec_paramgen_curve:P-384

sign() {
  openssl x509 -req -sha256 -days 36500 "$@"
}
by_root="-CA root.pem -CAkey root.key"
sign -in root.csr -signkey root.key -extfile openssl.cnf -extensions root -out root.pem
# shellcheck disable=SC2086
{
  sign -in platform.csr $by_root -extfile openssl.cnf -extensions platform -out platform.pem
  sign -in rsa.csr $by_root -extfile openssl.cnf -extensions root -outform DER -out rsa_key.der
  sign -in p384.csr $by_root -extfile openssl.cnf -extensions root -outform DER -out p384_key.der
  sign -in pck.csr $by_root -outform DER -out version1.der
}
sign -in pck.csr -CA platform.pem -CAkey platform.key -extfile openssl.cnf -extensions pck \
  -out pck.pem
sign -in rsa.csr -signkey rsa.key -outform DER -extfile openssl.cnf -extensions root \
  -out rsa_signature.der
cat pck.pem platform.pem root.pem > "$here/chain.pem"

cat > ca.cnf <<'END'
[ca]
default_ca = settings
[settings]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 36500
[plain]
authorityKeyIdentifier = keyid:always
[delta]
authorityKeyIdentifier = keyid:always
2.5.29.27 = critical, DER:020101
[indirect]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical, @point
[point]
fullname = URI:https://example.com/crl.der
indirectCRL = TRUE
END

# crl CA EXTENSIONS OUT
crl() {
  echo 1000 > crlnumber
  openssl ca -config ca.cnf -gencrl -cert "$1.pem" -keyfile "$1.key" -crlexts "$2" -out crl.pem
  openssl crl -in crl.pem -outform DER -out "$here/$3"
}
: > index.txt
crl root plain root_crl.der
printf 'R\t991231235959Z\t250101000000Z,keyCompromise\t%s\tunknown\t/CN=a\n' \
  F1E2D3C4B5A69788796A5B4C3D2E1F0011223344 > index.txt
printf 'R\t991231235959Z\t250102000000Z\t%s\tunknown\t/CN=b\n' 0A0B >> index.txt
crl platform plain platform_crl.der
crl platform delta delta_crl.der
crl platform indirect indirect_crl.der

mv rsa_key.der p384_key.der version1.der rsa_signature.der "$here"
