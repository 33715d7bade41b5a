# Tokens and certificates, by the host.
package fuzz.tokens

r["io.jwt.decode"] := io.jwt.decode(input.token)

r["io.jwt.decode_verify"] := io.jwt.decode_verify(input.token, input.constraints)

r["io.jwt.verify_hs256"] := io.jwt.verify_hs256(input.token, input.key)

r["io.jwt.verify_hs384"] := io.jwt.verify_hs384(input.token, input.key)

r["io.jwt.verify_hs512"] := io.jwt.verify_hs512(input.token, input.key)

r["io.jwt.verify_rs256"] := io.jwt.verify_rs256(input.token, input.certificate)

r["io.jwt.verify_rs384"] := io.jwt.verify_rs384(input.token, input.certificate)

r["io.jwt.verify_rs512"] := io.jwt.verify_rs512(input.token, input.certificate)

r["io.jwt.verify_ps256"] := io.jwt.verify_ps256(input.token, input.certificate)

r["io.jwt.verify_ps384"] := io.jwt.verify_ps384(input.token, input.certificate)

r["io.jwt.verify_ps512"] := io.jwt.verify_ps512(input.token, input.certificate)

r["io.jwt.verify_es256"] := io.jwt.verify_es256(input.token, input.certificate)

r["io.jwt.verify_es384"] := io.jwt.verify_es384(input.token, input.certificate)

r["io.jwt.verify_es512"] := io.jwt.verify_es512(input.token, input.certificate)

r["io.jwt.verify_eddsa"] := io.jwt.verify_eddsa(input.token, input.certificate)

r["io.jwt.encode_sign"] := io.jwt.encode_sign({"alg": "HS256"}, input.object, {"kty": "oct", "k": input.base64})

r["io.jwt.encode_sign_raw"] := io.jwt.encode_sign_raw(`{"alg": "HS256"}`, input.json, `{"kty": "oct", "k": "c2VjcmV0"}`)

r["signed and read"] := io.jwt.decode(io.jwt.encode_sign({"alg": "HS256", "typ": "JWT"}, input.object, {"kty": "oct", "k": "c2VjcmV0"}))

r["crypto.x509.parse_certificates"] := crypto.x509.parse_certificates(input.certificate)

r["crypto.x509.parse_and_verify_certificates"] := crypto.x509.parse_and_verify_certificates(input.certificate)[0]

r["crypto.x509.parse_and_verify_certificates_with_options"] := crypto.x509.parse_and_verify_certificates_with_options(input.certificate, {"DNSName": input.s})[0]

r["crypto.x509.parse_certificate_request"] := crypto.x509.parse_certificate_request(input.certificate)

r["crypto.x509.parse_keypair"] := crypto.x509.parse_keypair(input.certificate, input.privatekey)

r["crypto.x509.parse_rsa_private_key"] := crypto.x509.parse_rsa_private_key(input.privatekey)

r["crypto.parse_private_keys"] := crypto.parse_private_keys(input.privatekey)
