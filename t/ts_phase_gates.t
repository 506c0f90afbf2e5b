# What has no meaning in a phase throws there, at once; I/O works in all of them.

=== refused in the phases of a request
--- http_config
ts_shared_dict d 1m;
upstream u { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; balancer_by_ts_block { import { look } from "../html/all.ts"; look(ngx); ngx.exit(503); } }
--- config
set $x 0;
server_rewrite_by_ts_block { import { look } from "../html/all.ts"; look(ngx); }
location /sub { return 200 "s"; }
location /set { set_by_ts_block $y { import { refused } from "../html/all.ts"; return refused(ngx); } return 200 "$y\n"; }
location /balancer { proxy_pass http://u; }
location / {
    rewrite_by_ts_block { import { look } from "../html/all.ts"; look(ngx); }
    access_by_ts_block { import { look } from "../html/all.ts"; look(ngx); }
    precontent_by_ts_block { import { look } from "../html/all.ts"; look(ngx); }
    content_by_ts_block { import { look } from "../html/all.ts"; look(ngx); ngx.say("done"); }
    header_filter_by_ts_block { import { look } from "../html/all.ts"; look(ngx); }
    body_filter_by_ts_block { import { look } from "../html/all.ts"; look(ngx); }
    log_by_ts_block { import { look } from "../html/all.ts"; look(ngx); }
}
--- user_files
>>> all.ts
type Calls = Record<string, () => unknown>;
export function refused(ngx: any): string {
  const calls: Calls = {
    say: () => ngx.say(""), print: () => ngx.print(""), flush: () => ngx.flush(), eof: () => ngx.eof(), send_headers: () => ngx.send_headers(),
    exit: () => ngx.exit(0), exec: () => ngx.exec("/x"), redirect: () => ngx.redirect("/x"), on_abort: () => ngx.on_abort(1),
    "status=": () => { ngx.status = 200; }, header: () => ngx.header.x, "header=": () => { ngx.header["X-A"] = "1"; },
    arg: () => ngx.arg[1], arg_buffer: () => ngx.arg_buffer, headers_sent: () => ngx.headers_sent,
    set_method: () => ngx.req.set_method(ngx.HTTP_GET), set_uri: () => ngx.req.set_uri(ngx.var.uri), set_uri_args: () => ngx.req.set_uri_args(ngx.var.args ?? ""),
    set_header: () => ngx.req.set_header("X-A", "1"), clear_header: () => ngx.req.clear_header("X-A"),
    read_body: () => { ngx.req.read_body().catch(() => {}); }, get_post_args: () => ngx.req.get_post_args(), get_body_file: () => ngx.req.get_body_file(),
    set_body_data: () => ngx.req.set_body_data("x"), init_body: () => ngx.req.init_body(), append_body: () => ngx.req.append_body("x"),
    capture: () => { ngx.location.capture("nowhere").catch(() => {}); }, capture_multi: () => ngx.location.capture_multi([]),
    balancer: () => ngx.balancer.get_last_failure(),
  };
  const phase = ngx.get_phase();
  const names: string[] = [];
  for (const name in calls) {
    // What ends a block is only tried where it is refused.
    if (["exit", "exec", "redirect", "eof", "send_headers", "say", "print", "flush"].includes(name) && OUTPUT.includes(phase)) continue;
    if (name === "exit" && ["header_filter", "balancer"].includes(phase)) continue;
    try { calls[name](); } catch (e) { if (e.message === `API disabled in the context of ${phase}_by_ts*`) names.push(name); }
  }
  return names.join(" ");
}
const OUTPUT = ["server_rewrite", "rewrite", "access", "precontent", "content"];
export function look(ngx: any): void {
  if (ngx.var.arg_p === ngx.get_phase()) ngx.log(ngx.NOTICE, "in ", ngx.get_phase(), ": ", refused(ngx), ".");
}
--- request eval
["GET /?p=server_rewrite", "GET /?p=rewrite", "GET /?p=access", "GET /?p=precontent", "GET /?p=content"]
--- error_log
in server_rewrite: arg arg_buffer balancer.
in rewrite: arg arg_buffer balancer.
in access: arg arg_buffer balancer.
in precontent: arg arg_buffer balancer.
in content: arg arg_buffer balancer.

=== refused in filters
--- request eval
["GET /?p=header_filter", "GET /?p=body_filter"]
--- error_log
in header_filter: say print flush eof send_headers exec redirect on_abort arg arg_buffer read_body get_body_file set_body_data init_body append_body balancer.
in body_filter: say print flush eof send_headers exit exec redirect on_abort read_body get_body_file set_body_data init_body append_body balancer.

=== refused in log
--- request
GET /?p=log
--- error_log
in log: say print flush eof send_headers exit exec redirect on_abort arg arg_buffer set_method set_uri set_uri_args set_header clear_header read_body get_body_file set_body_data init_body append_body capture capture_multi balancer.

=== refused in set
--- request
GET /set
--- response_body
say print flush eof send_headers exit exec redirect on_abort header header= arg_buffer get_post_args balancer

=== refused in balancer
--- request
GET /balancer?p=balancer
--- error_code: 503
--- error_log
in balancer: say print flush eof send_headers exec redirect on_abort status= header header= arg arg_buffer headers_sent get_post_args capture capture_multi.

=== where there is no request: init, init_worker, timers, exit_worker
--- http_config
ts_shared_dict d 1m;
init_by_ts_block { import { look } from "../html/no.ts"; look("init"); }
init_worker_by_ts_block { import { look } from "../html/no.ts"; look("init_worker"); ngx.timer.at(0, () => look("timer")); }
exit_worker_by_ts_block { import { look } from "../html/no.ts"; look("exit_worker"); }
--- config
location /a { content_by_ts_block { import { seen } from "../html/no.ts"; for (let i = 0; i < 50 && seen.length < 3; i++) await ngx.sleep(0.005); ngx.print(seen.join("")); } }
--- user_files
>>> no.ts
export const seen: string[] = [];
export function look(phase: string): void {
  const g = ngx as any;
  const calls: Record<string, () => unknown> = {
    var: () => g.var.uri, req: () => g.req.get_method(), header: () => g.header.x, say: () => g.say("x"), exec: () => g.exec("/"), redirect: () => g.redirect("/"),
    status: () => g.status, resp: () => g.resp.get_headers(), capture: () => g.location.capture("/"), arg: () => g.arg[1], is_subrequest: () => g.is_subrequest,
  };
  const good: Record<string, () => unknown> = {
    shared: () => ngx.shared.d.set("a", 1), re: () => ngx.re.match("a", "a"), now: () => ngx.now(), log: () => ngx.log(ngx.DEBUG, "x"), md5: () => ngx.md5("x"),
    sleep: () => ngx.sleep(0.001), config: () => ngx.config.prefix(), worker: () => ngx.worker.pid(), escape: () => ngx.escape_uri("x"), fetch: () => typeof fetch,
  };
  let text = `${phase} ${ngx.get_phase()}:`;
  for (const name in calls) { try { calls[name](); text += ` ${name}`; } catch (e) { if (e.message !== "no request found") text += ` ${name}: ${e.message}`; } }
  for (const name in good) { try { good[name](); } catch (e) { text += ` ${name}: ${e.message}`; } }
  try { g.ctx.x = 1; text += " ctx"; } catch (e) { text += ` ctx: ${e.message}`; }
  seen.push(`${text}\n`);
  if (phase === "exit_worker") ngx.log(ngx.WARN, text, " no more");
}
--- request
GET /a
--- response_body
init init: ctx: no request found
init_worker init_worker: ctx
timer timer: ctx
--- shutdown_error_log
exit_worker exit_worker: ctx no more

=== each phase of a request does fetch, a wait and the dictionary
--- http_config
ts_shared_dict d 1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "$uri"; } }
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; balancer_by_ts_block { import { work } from "../html/work.ts"; await work(ngx); } }
--- config
server_rewrite_by_ts_block { import { work } from "../html/work.ts"; await work(ngx); }
location /a {
    set_by_ts_block $y { import { work } from "../html/work.ts"; return await work(ngx); }
    rewrite_by_ts_block { import { work } from "../html/work.ts"; await work(ngx); }
    access_by_ts_block { import { work } from "../html/work.ts"; await work(ngx); }
    precontent_by_ts_block { import { work } from "../html/work.ts"; await work(ngx); }
    header_filter_by_ts_block { import { work } from "../html/work.ts"; await work(ngx); ngx.header["X-Seen"] = ngx.ctx.seen; }
    body_filter_by_ts_block { import { work } from "../html/work.ts"; if (ngx.arg[2]) await work(ngx); }
    log_by_ts_block { import { work } from "../html/work.ts"; await work(ngx); ngx.log(ngx.NOTICE, "seen: ", ngx.ctx.seen, "."); }
    proxy_pass http://u;
}
--- user_files
>>> work.ts
export async function work(ngx: any): Promise<string> {
  const answer = await (await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/" + ngx.get_phase())).text();
  await ngx.sleep(0.001);
  const n = ngx.shared.d.incr(`${ngx.var.request_id}`, 1, 0);
  ngx.ctx.seen = `${ngx.ctx.seen ?? ""}${answer.slice(1)}${n} `;
  return answer;
}
--- request
GET /a
--- response_headers
X-Seen: server_rewrite1 set2 rewrite3 access4 precontent5 balancer6 header_filter7
--- error_log
seen: server_rewrite1 set2 rewrite3 access4 precontent5 balancer6 header_filter7 body_filter8 log9 .
