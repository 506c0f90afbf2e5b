# encrypted_session_key and its like: values that are encrypted, and end. The bytes are those of OpenSSL's own command:
# MD5 of the value and its end, then both encrypted.

=== encrypted, byte for byte, and back
--- config
encrypted_session_key 0123456789abcdef0123456789ABCDEF;
encrypted_session_expires 0;
location /a {
    set_encrypt_session $a "user=7";
    set_decrypt_session $b $a;
    return 200 "$a|$b";
}
--- request
GET /a
--- response_body eval
"\x17\x72\x7b\x8d\x25\x09\xb3\xc4\x02\x58\x3a\xce\x1c\x89\xf0\xbc\x42\x21\x35\x8b\x6b\x61\x38\xb4\x57\x8d\xed\x63\x7b\x3f\xe0\xa1|user=7"

=== an init vector that is shorter ends in zeros; a variable alone is its own value
--- config
encrypted_session_key 0123456789abcdef0123456789ABCDEF;
encrypted_session_iv short;
encrypted_session_expires 0;
location /a {
    set $a "user=7";
    set_encrypt_session $a;
    return 200 $a;
}
--- request
GET /a
--- response_body eval
"\x17\x72\x7b\x8d\x25\x09\xb3\xc4\x02\x58\x3a\xce\x1c\x89\xf0\xbc\x19\x6a\xc7\xec\x62\x95\xc0\x86\x61\x96\xa3\x31\xa4\x5c\x96\x79"

=== a value that ends: in 2100, in 2020; with another key, changed, cut short, empty
--- config
encrypted_session_key 0123456789abcdef0123456789ABCDEF;
location / {
    content_by_ts_block {
        const { set_decode_hex_buffer: bytes, set_decrypt_session: decrypt } = ndk.set_var;
        const later = "0ba3f4a2568f224ea9c230ebb9404ab5146d474e2d271bdd87a069c39a936d6a";
        const past = "9023405c252e7034febc2d1b82a3cdc51556bb1fbb551bb7426e71774cb5a49d";
        for (const hex of [later, past, later.replace("0b", "0c"), later.slice(0, -2), later.slice(0, 32), "00", ""]) {
            ngx.say("[", decrypt(bytes(hex)), "]");
        }
    }
}
location /other {
    encrypted_session_key 0123456789abcdef0123456789ABCDEf;
    content_by_ts_block {
        const hex = "0ba3f4a2568f224ea9c230ebb9404ab5146d474e2d271bdd87a069c39a936d6a";
        ngx.say("[", ndk.set_var.set_decrypt_session(ndk.set_var.set_decode_hex_buffer(hex)), "]");
    }
}
--- request eval
["GET /", "GET /other"]
--- response_body eval
["[user=7]\n[]\n[]\n[]\n[]\n[]\n[]\n", "[]\n"]

=== encrypted by a script, for a day
--- api: ndk.set_var.set_encrypt_session, ndk.set_var.set_decrypt_session
--- config
encrypted_session_key 0123456789abcdef0123456789ABCDEF;
location /a {
    encrypted_session_expires 0;
    content_by_ts_block {
        const { set_encrypt_session: encrypt, set_decrypt_session: decrypt, set_decrypt_session_buffer } = ndk.set_var;
        const secret = encrypt("ä");
        ngx.say(secret instanceof Uint8Array, " ", ndk.set_var.set_encode_hex(secret), " ", decrypt(secret));
        ngx.say(...set_decrypt_session_buffer(encrypt(new Uint8Array([0, 200, 7]))));
        const cookie = ndk.set_var.set_encode_base32(encrypt("user=7"));
        ngx.say(cookie, " ", decrypt(ndk.set_var.set_decode_base32_buffer(cookie)));
    }
}
location /b {
    content_by_ts_block {
        const { set_encrypt_session: encrypt, set_decrypt_session: decrypt } = ndk.set_var;
        const [a, b] = [encrypt("x"), encrypt("x".repeat(40))];
        ngx.say(a.length, " ", b.length, " ", decrypt(a), " ", decrypt(b).length);
    }
}
--- request eval
["GET /a", "GET /b"]
--- response_body eval
[
  "true 11d3411adc5ba9cd2c5d3947f17e8cbcb3eb6506852574a8d1565ad89f3d19a6 ä\n02007\n" +
    "2tp7n39516ps80io7b71p2fgnh122dcbddgjhd2nhnmm6upvs2gg==== user=7\n",
  "32 80 x 40\n",
]

=== the settings of an if block, and of http for code that belongs to no request
--- http_config
encrypted_session_key 0123456789abcdef0123456789ABCDEF;
encrypted_session_expires 0;
ts_shared_dict d 1m;
init_worker_by_ts_block {
    ngx.shared.d.set("a", ndk.set_var.set_encode_hex(ndk.set_var.set_encrypt_session("user=7")));
}
--- config
location /a {
    set_encrypt_session $a "user=7";
    if ($arg_x) {
        encrypted_session_key 00000000000000000000000000000000;
        set_decrypt_session $b $a;
        return 200 "[$b]";
    }
    return 200 "{$a}";
}
location /b { content_by_ts_block { ngx.print(ngx.shared.d.get("a")); } }
--- request eval
["GET /a", "GET /a?x=1", "GET /b"]
--- response_body eval
[
  "{\x17\x72\x7b\x8d\x25\x09\xb3\xc4\x02\x58\x3a\xce\x1c\x89\xf0\xbc\x42\x21\x35\x8b\x6b\x61\x38\xb4\x57\x8d\xed\x63\x7b\x3f\xe0\xa1}",
  "[]",
  "17727b8d2509b3c402583ace1c89f0bc4221358b6b6138b4578ded637b3fe0a1",
]

=== without a key
--- config
location /a {
    set_encrypt_session $a x;
    return 200 $a;
}
location /b {
    set_decrypt_session $a x;
    return 200 $a;
}
location /c {
    content_by_ts_block {
        for (const f of ["set_encrypt_session", "set_decrypt_session"]) {
            try { ndk.set_var[f]("x"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[500, 500, 200]
--- response_body eval
[
  null,
  null,
  "calling directive set_encrypt_session failed with code -1\n" +
    "calling directive set_decrypt_session failed with code -1\n",
]
--- error_log
encrypted_session: a key is required to be defined by the encrypted_session_key directive

=== a key of another length
--- config
encrypted_session_key 0123456789abcdef;
--- must_die
--- error_log
encrypted_session_key: the key must be of 32 bytes long in

=== an init vector that is too long
--- config
encrypted_session_iv 0123456789abcdef0;
--- must_die
--- error_log
encrypted_session_iv: the init vector must NOT be longer than 16 bytes in

=== a time that is none
--- config
encrypted_session_expires 1x;
--- must_die
--- error_log
"encrypted_session_expires" directive invalid value in

=== not a variable
--- config
set_encrypt_session a b;
--- must_die
--- error_log
invalid variable name "a" in

=== twice
--- config
encrypted_session_key 0123456789abcdef0123456789ABCDEF;
encrypted_session_key 0123456789abcdef0123456789ABCDEF;
--- must_die
--- error_log
"encrypted_session_key" directive is duplicate in
