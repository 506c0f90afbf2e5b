-- The Lua twin of heavy.ts. HMAC-SHA256 is OpenSSL's through FFI, as lua-resty-openssl has it; the template is
-- compiled to a function once and escapes as lua-resty-template does.
local cjson = require "cjson"
local ffi = require "ffi"
local base64 = require "ngx.base64"

ffi.cdef [[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *evp_md, const void *key, int key_len, const unsigned char *d, size_t n,
                    unsigned char *md, unsigned int *md_len);
]]

local M = {}
local secret = "a secret of thirty-two bytes....."
local digest = ffi.new("unsigned char[32]")
local digest_len = ffi.new("unsigned int[1]")

local function hmac_sha256(key, text)
  ffi.C.HMAC(ffi.C.EVP_sha256(), key, #key, text, #text, digest, digest_len)
  return ffi.string(digest, 32)
end

local encode_base64url, decode_base64url = base64.encode_base64url, base64.decode_base64url
local header = encode_base64url('{"alg":"HS256","typ":"JWT"}')

local function sign(claims)
  local signed = header .. "." .. encode_base64url(cjson.encode(claims))
  return signed .. "." .. encode_base64url(hmac_sha256(secret, signed))
end

local function verify(token)
  local head, payload, signature = token:match("^([^.]+)%.([^.]+)%.([^.]+)$")
  if encode_base64url(hmac_sha256(secret, head .. "." .. payload)) ~= signature then
    return nil
  end
  local claims = cjson.decode(decode_base64url(payload))
  if claims.exp < ngx.time() then
    return nil
  end
  return claims
end

local function body()
  ngx.req.read_body()
  return cjson.decode(ngx.req.get_body_data())
end

local function rewrite(document)
  local total, kept = 0, {}
  for _, item in ipairs(document.items) do
    if item.stock > 0 then
      item.price_cents = math.floor(item.price * 100 + 0.5)
      item.price = nil
      item.label = item.name:upper() .. " (" .. table.concat(item.tags, ", ") .. ")"
      total = total + item.price_cents * item.stock
      kept[#kept + 1] = item
    end
  end
  document.items = kept
  document.total_cents = total
  return cjson.encode(document)
end

local function token()
  local now = ngx.time()
  return verify(sign({ sub = "user-17", name = "Ada", roles = { "admin", "editor" }, iat = now, exp = now + 60 }))
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function escape(text)
  return (text:gsub("[&<>\"']", entities))
end

local function render(document)
  local out = { "<!doctype html><title>", escape(document.title), "</title><table>" }
  for i, item in ipairs(document.items) do
    out[#out + 1] = '<tr class="'
    out[#out + 1] = i % 2 == 0 and "even" or "odd"
    out[#out + 1] = '"><td>'
    out[#out + 1] = tostring(item.id)
    out[#out + 1] = "</td><td>"
    out[#out + 1] = escape(item.name)
    out[#out + 1] = "</td><td>"
    out[#out + 1] = escape(item.description)
    out[#out + 1] = "</td><td>"
    for _, tag in ipairs(item.tags) do
      out[#out + 1] = "<i>"
      out[#out + 1] = escape(tag)
      out[#out + 1] = "</i>"
    end
    out[#out + 1] = "</td></tr>"
  end
  out[#out + 1] = "</table>"
  return table.concat(out)
end

function M.json()
  ngx.header["Content-Type"] = "application/json"
  ngx.print(rewrite(body()))
end

function M.jwt()
  ngx.print(token().sub)
end

function M.template()
  ngx.header["Content-Type"] = "text/html"
  ngx.print(render(body()))
end

function M.all()
  local document = body()
  ngx.header["X-User"] = token().sub
  local page = render(document)
  ngx.header["Content-Type"] = "application/json"
  ngx.header["X-Page-Length"] = #page
  ngx.print(rewrite(document))
end

return M
