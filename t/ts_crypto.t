# crypto: random values and crypto.subtle.

=== random values
--- config
location /a {
    content_by_ts_block {
        ngx.say(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), " ", new Set(Array.from({ length: 100 }, () => crypto.randomUUID())).size);
        const into = new Uint32Array(8); ngx.say(crypto.getRandomValues(into) === into, " ", new Set(into).size > 6, " ", crypto.getRandomValues(new Uint8Array(65536)).length);
        for (const bad of [new Uint8Array(65537), new Float64Array(1), new DataView(new ArrayBuffer(4)), [1]] as any[]) try { crypto.getRandomValues(bad); } catch (e) { ngx.print(e.name, " "); }
        ngx.say(String(crypto), " ", String(crypto.subtle), " ", crypto instanceof Crypto);
        for (const made of [() => new Crypto(), () => new SubtleCrypto(), () => new CryptoKey()]) try { made(); } catch (e) { ngx.print(e.message, "; "); }
    }
}
--- request
GET /a
--- response_body chomp
true 100
true true 65536
QuotaExceededError TypeMismatchError TypeMismatchError TypeMismatchError [object Crypto] [object SubtleCrypto] true
Illegal constructor; Illegal constructor; Illegal constructor; 

=== digests
--- user_files
>>> hex.ts
export const hex = (b: ArrayBuffer | Uint8Array): string => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");
export const bytes = (h: string): Uint8Array<ArrayBuffer> => new Uint8Array((h.match(/../g) ?? []).map((x) => parseInt(x, 16)));
export const utf8 = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s);
--- config
location /a {
    content_by_ts_block {
        import { hex, utf8 } from "../html/hex.ts";
        for (const name of ["SHA-1", "sha-256", { name: "SHA-384" }, "SHA-512"]) ngx.say(hex(await crypto.subtle.digest(name, utf8("abc"))).slice(0, 40));
        ngx.say(hex(await crypto.subtle.digest("SHA-1", new DataView(utf8("xabcx").buffer, 1, 3))));
        for (const bad of [["MD5", utf8("")], ["SHA-1", "text"], [{}, utf8("")]] as any[]) try { await crypto.subtle.digest(bad[0], bad[1]); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- request
GET /a
--- response_body chomp
a9993e364706816aba3e25717850c26c9cd0d89d
ba7816bf8f01cfea414140de5dae2223b00361a3
cb00753f45a35e8bb5a03d699ac65007272c32ab
ddaf35a193617abacc417349ae20413112e6fa4e
a9993e364706816aba3e25717850c26c9cd0d89d
NotSupportedError TypeError TypeError 

=== HMAC: raw, as JWK, generated
--- user_files
>>> hex.ts
export const hex = (b: ArrayBuffer | Uint8Array): string => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");
export const utf8 = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s);
--- config
location /a {
    content_by_ts_block {
        import { hex, utf8 } from "../html/hex.ts";
        const { subtle } = crypto; const alg = { name: "HMAC", hash: "SHA-256" };
        const raw = await subtle.importKey("raw", utf8("key"), alg, true, ["verify", "sign"]);
        const jwk = await subtle.importKey("jwk", { kty: "oct", k: "a2V5", alg: "HS256" }, alg, true, ["sign", "verify"]);
        const mac = await subtle.sign("HMAC", raw, utf8("hello")); ngx.say(hex(mac));
        ngx.say(await subtle.verify("hmac", jwk, mac, utf8("hello")), await subtle.verify("HMAC", jwk, mac, utf8("other")), hex(await subtle.sign("HMAC", jwk, utf8("hello"))) === hex(mac));
        ngx.say(JSON.stringify(raw.algorithm), raw.usages.join(), raw.type, raw.extractable, " ", Object.entries(await subtle.exportKey("jwk", raw)).sort().join(";"), " ", hex(await subtle.exportKey("raw", jwk)));
        const made = await subtle.generateKey({ name: "HMAC", hash: "SHA-512" }, true, ["sign"]) as CryptoKey; ngx.say((made.algorithm as any).length, " ", (await subtle.sign("HMAC", made, utf8(""))).byteLength);
        const tries = [() => subtle.importKey("raw", utf8(""), alg, true, ["sign"]), () => subtle.importKey("raw", utf8("k"), alg, true, []), () => subtle.importKey("raw", utf8("k"), alg, true, ["encrypt"]), () => subtle.importKey("raw", utf8("k"), alg, true, ["other" as any]), () => subtle.verify("HMAC", made, mac, utf8("")), () => subtle.importKey("jwk", { kty: "oct", k: "a2V5", ext: false }, alg, true, ["sign"]), () => subtle.importKey("jwk", { kty: "RSA" }, alg, true, ["sign"]), async () => subtle.exportKey("raw", await subtle.importKey("raw", utf8("k"), alg, false, ["sign"]))];
        for (const one of tries) try { await one(); ngx.print("done "); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- request
GET /a
--- response_body chomp
9307b3b915efb5171ff14d8cb55fbcc798c6c0ef1456d66ded1a6aa723a58b7b
truefalsetrue
{"name":"HMAC","hash":{"name":"SHA-256"},"length":24}sign,verifysecrettrue alg,HS256;ext,true;k,a2V5;key_ops,sign,verify;kty,oct 6b6579
1024 64
DataError SyntaxError SyntaxError TypeError InvalidAccessError DataError DataError InvalidAccessError 

=== AES: GCM, CBC, CTR by their standards' examples; what does not fit
--- user_files
>>> hex.ts
export const hex = (b: ArrayBuffer | Uint8Array): string => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");
export const bytes = (h: string): Uint8Array<ArrayBuffer> => new Uint8Array((h.match(/../g) ?? []).map((x) => parseInt(x, 16)));
--- config
location /a {
    content_by_ts_block {
        import { bytes, hex } from "../html/hex.ts";
        const { subtle } = crypto; const zero = new Uint8Array(16);
        const gcm = await subtle.importKey("raw", zero, "AES-GCM", true, ["encrypt", "decrypt"]);
        const sealed = await subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, gcm, zero); ngx.say(hex(sealed));
        ngx.say(hex(await subtle.decrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, gcm, sealed)));
        const extra = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: bytes("aa"), tagLength: 96 }; const other = await subtle.encrypt(extra, gcm, bytes("01")); ngx.say(other.byteLength, " ", hex(await subtle.decrypt(extra, gcm, other)));
        try { await subtle.decrypt({ ...extra, additionalData: bytes("bb") }, gcm, other); } catch (e) { ngx.say(e.name, " ", e instanceof DOMException); }
        const key = bytes("2b7e151628aed2a6abf7158809cf4f3c"), text = bytes("6bc1bee22e409f96e93d7e117393172a");
        const cbc = await subtle.importKey("raw", key, "AES-CBC", false, ["encrypt", "decrypt"]); const cbcText = await subtle.encrypt({ name: "AES-CBC", iv: bytes("000102030405060708090a0b0c0d0e0f") }, cbc, text); ngx.say(hex(cbcText).slice(0, 32), " ", hex(await subtle.decrypt({ name: "AES-CBC", iv: bytes("000102030405060708090a0b0c0d0e0f") }, cbc, cbcText)) === hex(text));
        const ctr = await subtle.importKey("raw", key, { name: "AES-CTR" }, true, ["encrypt"]); ngx.say(hex(await subtle.encrypt({ name: "AES-CTR", counter: bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), length: 128 }, ctr, text)), " ", JSON.stringify(ctr.algorithm), " ", (await subtle.exportKey("jwk", ctr)).alg);
        const made = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["decrypt", "encrypt"]) as CryptoKey; ngx.say(JSON.stringify(made.algorithm), made.usages.join(), made.extractable);
        const tries = [() => subtle.importKey("raw", bytes("00"), "AES-GCM", true, ["encrypt"]), () => subtle.encrypt({ name: "AES-CBC", iv: bytes("00") }, cbc, text), () => subtle.encrypt({ name: "AES-GCM", iv: zero }, cbc, text), () => subtle.decrypt({ name: "AES-CTR", counter: zero, length: 64 }, ctr, text), () => subtle.generateKey({ name: "AES-GCM", length: 100 }, true, ["encrypt"]), () => subtle.generateKey({ name: "AES-GCM", length: 128 }, true, []), () => subtle.exportKey("raw", cbc), () => subtle.generateKey({ name: "DES" } as any, true, ["encrypt"])];
        for (const one of tries) try { await one(); ngx.print("done "); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- request
GET /a
--- response_body chomp
0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf
00000000000000000000000000000000
13 01
OperationError true
7649abac8119b246cee98e9b12e9197d true
874d6191b620e3261bef6864990db6ce {"name":"AES-CTR","length":128} A128CTR
{"name":"AES-GCM","length":256}encrypt,decryptfalse
DataError OperationError InvalidAccessError InvalidAccessError OperationError SyntaxError InvalidAccessError NotSupportedError 

=== RSA: PSS, PKCS #1, OAEP; all formats
--- config
location /a {
    content_by_ts_block {
        const { subtle } = crypto; const data = new TextEncoder().encode("data"); const of = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
        for (const [name, params] of [["RSA-PSS", { name: "RSA-PSS", saltLength: 32 }], ["RSASSA-PKCS1-v1_5", "RSASSA-PKCS1-v1_5"]] as any[]) {
            const pair = await subtle.generateKey({ name, ...of }, true, ["sign", "verify"]) as CryptoKeyPair;
            const pkcs8 = await subtle.exportKey("pkcs8", pair.privateKey), spki = await subtle.exportKey("spki", pair.publicKey);
            const secret = await subtle.importKey("pkcs8", pkcs8, { name, hash: "SHA-256" }, false, ["sign"]), open = await subtle.importKey("spki", spki, { name, hash: "SHA-256" }, true, ["verify"]);
            const signature = await subtle.sign(params, secret, data);
            ngx.say(name, " ", await subtle.verify(params, open, signature, data), await subtle.verify(params, pair.publicKey, signature, new Uint8Array(1)), " ", secret.type, open.type, " ", (open.algorithm as any).modulusLength, " ", (open.algorithm as any).publicExponent.join(), " ", pair.privateKey.usages.join(), pair.publicKey.usages.join());
        }
        const pair = await subtle.generateKey({ name: "RSA-OAEP", ...of }, true, ["encrypt", "decrypt"]) as CryptoKeyPair;
        const jwk = await subtle.exportKey("jwk", pair.privateKey); const back = await subtle.importKey("jwk", jwk, { name: "RSA-OAEP", hash: "SHA-256" }, true, ["decrypt"]);
        ngx.say(jwk.alg, " ", new TextDecoder().decode(await subtle.decrypt("RSA-OAEP", back, await subtle.encrypt({ name: "RSA-OAEP" }, pair.publicKey, data))));
        for (const one of [() => subtle.generateKey({ name: "RSA-PSS", ...of, modulusLength: 65536 }, true, ["sign"]), () => subtle.importKey("spki", new Uint8Array(5), { name: "RSA-PSS", hash: "SHA-256" }, true, ["verify"]), () => subtle.sign("RSA-PSS", pair.privateKey, data)]) try { await one(); ngx.print("done "); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- timeout: 10
--- request
GET /a
--- response_body chomp
RSA-PSS truefalse privatepublic 2048 1,0,1 signverify
RSASSA-PKCS1-v1_5 truefalse privatepublic 2048 1,0,1 signverify
RSA-OAEP-256 data
NotSupportedError DataError InvalidAccessError 

=== ECDSA and ECDH
--- config
location /a {
    content_by_ts_block {
        const { subtle } = crypto; const data = new TextEncoder().encode("data");
        for (const [namedCurve, hash, size] of [["P-256", "SHA-256", 64], ["P-384", "SHA-384", 96], ["P-521", "SHA-512", 132]] as const) {
            const pair = await subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
            const raw = await subtle.exportKey("raw", pair.publicKey); const open = await subtle.importKey("raw", raw, { name: "ECDSA", namedCurve }, true, ["verify"]);
            const jwk = await subtle.exportKey("jwk", pair.privateKey); const secret = await subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve }, false, ["sign"]);
            const signature = await subtle.sign({ name: "ECDSA", hash }, secret, data);
            const mine = await subtle.generateKey({ name: "ECDH", namedCurve }, true, ["deriveBits", "deriveKey"]), yours = await subtle.generateKey({ name: "ECDH", namedCurve }, true, ["deriveBits"]);
            const a = await subtle.deriveBits({ name: "ECDH", public: yours.publicKey }, mine.privateKey, 256), b = await subtle.deriveBits({ name: "ECDH", public: mine.publicKey }, yours.privateKey, 256);
            const key = await subtle.deriveKey({ name: "ECDH", public: yours.publicKey }, mine.privateKey, { name: "AES-GCM", length: 256 }, true, ["encrypt"]);
            const same = (x: ArrayBuffer, y: ArrayBuffer) => new Uint8Array(x).join() === new Uint8Array(y).join();
            ngx.say(jwk.crv, " ", signature.byteLength === size, await subtle.verify({ name: "ECDSA", hash }, open, signature, data), " ", same(a, b), same(a, await subtle.exportKey("raw", key)), " ", key.usages.join());
        }
        for (const one of [() => subtle.generateKey({ name: "ECDSA", namedCurve: "P-1" }, true, ["sign"]), () => subtle.importKey("raw", new Uint8Array(65), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"])]) try { await one(); ngx.print("done "); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- request
GET /a
--- response_body chomp
P-256 truetrue truetrue encrypt
P-384 truetrue truetrue encrypt
P-521 truetrue truetrue encrypt
NotSupportedError DataError 

=== Ed25519 and X25519, by RFC 8032 and RFC 7748
--- user_files
>>> hex.ts
export const hex = (b: ArrayBuffer | Uint8Array): string => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");
export const bytes = (h: string): Uint8Array<ArrayBuffer> => new Uint8Array((h.match(/../g) ?? []).map((x) => parseInt(x, 16)));
export const url = (h: string): string => btoa(String.fromCharCode(...bytes(h))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
--- config
location /a {
    content_by_ts_block {
        import { bytes, hex, url } from "../html/hex.ts";
        const { subtle } = crypto;
        const d = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", x = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        const secret = await subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", d: url(d), x: url(x) }, "Ed25519", true, ["sign"]), open = await subtle.importKey("raw", bytes(x), { name: "Ed25519" }, true, ["verify"]);
        const signature = await subtle.sign("Ed25519", secret, new Uint8Array()); ngx.say(hex(signature), " ", await subtle.verify("Ed25519", open, signature, new Uint8Array()));
        const a = await subtle.importKey("jwk", { kty: "OKP", crv: "X25519", d: url("77076d0a7318a57d3c16c17251b26645be1b8c5e7b4e1c5d7e4d6c5f0a5e1c2a"), x: url("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a") }, "X25519", true, ["deriveBits"]).catch((e) => e.name); ngx.say(a);
        const mine = await subtle.generateKey("X25519", true, ["deriveBits"]) as CryptoKeyPair, yours = await subtle.generateKey("X25519", true, ["deriveBits"]) as CryptoKeyPair;
        ngx.say(hex(await subtle.deriveBits({ name: "X25519", public: yours.publicKey }, mine.privateKey, 256)) === hex(await subtle.deriveBits({ name: "X25519", public: mine.publicKey }, yours.privateKey, null)));
        const pkcs8 = await subtle.exportKey("pkcs8", secret); ngx.say(hex(pkcs8).endsWith(d), " ", (await subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"])).type);
    }
}
--- request
GET /a
--- response_body
e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b true
DataError
true
true private

=== PBKDF2 and HKDF, by RFC 7914 and RFC 5869
--- user_files
>>> hex.ts
export const hex = (b: ArrayBuffer | Uint8Array): string => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");
export const bytes = (h: string): Uint8Array<ArrayBuffer> => new Uint8Array((h.match(/../g) ?? []).map((x) => parseInt(x, 16)));
export const utf8 = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s);
--- config
location /a {
    content_by_ts_block {
        import { bytes, hex, utf8 } from "../html/hex.ts";
        const { subtle } = crypto;
        const pass = await subtle.importKey("raw", utf8("passwd"), "PBKDF2", false, ["deriveBits", "deriveKey"]);
        ngx.say(hex(await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: utf8("salt"), iterations: 1 }, pass, 512)));
        const ikm = await subtle.importKey("raw", bytes("0b".repeat(22)), "HKDF", false, ["deriveBits", "deriveKey"]);
        const hkdf = { name: "HKDF", hash: "SHA-256", salt: bytes("000102030405060708090a0b0c"), info: bytes("f0f1f2f3f4f5f6f7f8f9") }; ngx.say(hex(await subtle.deriveBits(hkdf, ikm, 336)));
        const mac = await subtle.deriveKey(hkdf, ikm, { name: "HMAC", hash: "SHA-256", length: 256 }, true, ["sign"]); ngx.say(hex(await subtle.exportKey("raw", mac)).slice(0, 16), " ", JSON.stringify(mac.algorithm));
        for (const one of [() => subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: utf8("s"), iterations: 1e9 }, pass, 256), () => subtle.deriveBits(hkdf, ikm, null as any), () => subtle.importKey("raw", utf8("x"), "HKDF", true, ["deriveBits"]), () => subtle.deriveBits(hkdf, pass, 256)]) try { await one(); ngx.print("done "); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- request
GET /a
--- response_body chomp
55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783
3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865
3cb25f25faacd57a {"name":"HMAC","hash":{"name":"SHA-256"},"length":256}
NotSupportedError OperationError SyntaxError InvalidAccessError 

=== keys that are wrapped: AES-KW by RFC 3394, by AES-GCM as JWK, by RSA-OAEP
--- user_files
>>> hex.ts
export const hex = (b: ArrayBuffer | Uint8Array): string => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");
export const bytes = (h: string): Uint8Array<ArrayBuffer> => new Uint8Array((h.match(/../g) ?? []).map((x) => parseInt(x, 16)));
--- config
location /a {
    content_by_ts_block {
        import { bytes, hex } from "../html/hex.ts";
        const { subtle } = crypto; const inner = await subtle.importKey("raw", bytes("00112233445566778899aabbccddeeff"), "AES-CBC", true, ["encrypt"]);
        const kw = await subtle.importKey("raw", bytes("000102030405060708090a0b0c0d0e0f"), "AES-KW", false, ["wrapKey", "unwrapKey"]);
        const wrapped = await subtle.wrapKey("raw", inner, kw, "AES-KW"); ngx.say(hex(wrapped));
        const back = await subtle.unwrapKey("raw", wrapped, kw, "AES-KW", "AES-GCM", true, ["decrypt"]); ngx.say(back.algorithm.name, " ", hex(await subtle.exportKey("raw", back)));
        const gcm = await subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["wrapKey", "unwrapKey"]) as CryptoKey; const params = { name: "AES-GCM", iv: new Uint8Array(12) };
        const sealed = await subtle.wrapKey("jwk", inner, gcm, params); ngx.say(hex(await subtle.exportKey("raw", await subtle.unwrapKey("jwk", sealed, gcm, params, "AES-CBC", true, ["encrypt"]))));
        const rsa = await subtle.generateKey({ name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-1" }, false, ["wrapKey", "unwrapKey"]) as CryptoKeyPair;
        ngx.say(hex(await subtle.exportKey("raw", await subtle.unwrapKey("raw", await subtle.wrapKey("raw", inner, rsa.publicKey, "RSA-OAEP"), rsa.privateKey, "RSA-OAEP", "AES-CBC", true, ["encrypt"]))));
        const damaged = new Uint8Array(wrapped); damaged[0]! ^= 1;
        for (const one of [() => subtle.unwrapKey("raw", damaged, kw, "AES-KW", "AES-CBC", true, ["encrypt"]), () => subtle.wrapKey("raw", gcm, kw, "AES-KW"), () => subtle.wrapKey("raw", inner, inner, "AES-KW")]) try { await one(); ngx.print("done "); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- timeout: 10
--- request
GET /a
--- response_body chomp
1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5
AES-GCM 00112233445566778899aabbccddeeff
00112233445566778899aabbccddeeff
00112233445566778899aabbccddeeff
OperationError InvalidAccessError InvalidAccessError 

=== a key shows nothing of what it is made of
--- config
location /a {
    content_by_ts_block {
        const key = await crypto.subtle.importKey("raw", new Uint8Array([1, 2, 3]), { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
        ngx.say(JSON.stringify(key), " ", Reflect.ownKeys(key).length, " ", String(key), " ", Object.keys(structuredClone({ a: 1 })).length);
        try { (key as any).extractable = true; } catch {}
        ngx.say(key.extractable);
        try { structuredClone(key); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
{} 0 [object CryptoKey] 1
false
DataCloneError
