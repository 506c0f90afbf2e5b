# stub_status: connections and requests, over all workers.

=== the page
--- config
location /status { stub_status; }
location /old { stub_status on; }
--- pipelined_requests eval
["GET /status", "HEAD /status", "GET /old"]
--- response_body_like eval
[
  "^Active connections: [1-9]\\d* \\nserver accepts handled requests\\n [1-9]\\d* [1-9]\\d* [1-9]\\d* \\nReading: \\d+ Writing: [1-9]\\d* Waiting: \\d+ \\n$",
  "^$",
  "^Active",
]
--- response_headers eval
Array(3).fill("Content-Type: text/plain")

=== each request of a connection counts, the connection once
--- config
location /status { stub_status; }
location /v { return 200 "$connections_active $connections_reading $connections_writing $connections_waiting"; }
--- pipelined_requests eval
["GET /status", "GET /v", "GET /status"]
--- response_body_like eval
["", "^[1-9]\\d* \\d+ [1-9]\\d* \\d+$", ""]

=== the variables alone
--- config
location / { return 200 "$connections_active $connections_writing"; }
--- request
GET /
--- response_body_like
^[1-9]\d* [1-9]\d*$

=== other methods are not allowed
--- config
location /status { stub_status; }
--- request
POST /status
--- error_code: 405

=== inner locations have it only if they say so
--- config
location /status { stub_status; location /status/in { } }
--- request
GET /status/in
--- error_code: 404
