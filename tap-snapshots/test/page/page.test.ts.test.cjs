/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/page/page.test.ts > TAP > page › an optional check is blind > must match snapshot 1`] = `
200 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
In service. The sidecar cannot look.
The load balancer has got 200 for 10m20s, since 03:03:40.
What is wrong
database: no result within 2.0 s
Whose trouble
not known: the sidecar cannot look (database)
What happens next
it holds for as long as that lasts
What to do
Find what hangs: a file system, a driver.
What changed
Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40
24 hours agoanswers to the load balancernow
03:03:40
503 → 200
homepage fail→pass this made the answer what it is
rule: every required check passes
42 probes got 200
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
Earlier changes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 3 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · pass for 10m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
unknown
postgres · optional · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
no result within 2.0 s
Reason
CHECK_TIMED_OUT The check did not answer within timeout, and did not stop when it was told to.
What to do
Find what hangs: a file system, a driver.
Counts as
warn (200): a check that is not required can only warn
Countdowns
No hold and no drain is in force.
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › below a threshold > must match snapshot 1`] = `
200 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
In service. Not every check passes.
The load balancer has got 200 for 10m20s, since 03:03:40.
What changed
Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40
24 hours agoanswers to the load balancernow
03:03:40
503 → 200
homepage fail→pass this made the answer what it is
rule: every required check passes
42 probes got 200
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
Earlier changes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 3 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
fail
smoke · required · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
GET / on http+unix:/run/app/app.sock is answered 500, not 200: see the app’s own log
Reason
SMOKE_STATUS_UNEXPECTED The status is not the expected one. After a redirect the evidence has its target (redirectedTo), without the query.
What to do
Do what the message says. It has the likeliest cause first: the page, the Host, a proxy in front, the app's log.
Counts as
pass (200): it fails less often in a row than counts (unhealthy_threshold 1)
Evidence of homepage
status
500
expected
200
target
http+unix:/run/app/app.sock
tookMs
3
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
No hold and no drain is in force.
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › configuration refused > must match snapshot 1`] = `
200 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
In service. Every check passes; there are notes.
The load balancer has got 200 for 10m20s, since 03:03:40.
drain.wait is 20.0 s, and ELB-HealthChecker (10.0.1.7) needs 30.0 s to take this host out
the configuration is refused, and the one before it stays in force: health-sidecar.yaml:7:17: checks[0].timeout: found "2 secs"; expected a duration above zero such as 2s
What changed
Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40
24 hours agoanswers to the load balancernow
03:03:40
503 → 200
homepage fail→pass this made the answer what it is
rule: every required check passes
42 probes got 200
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
Earlier changes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 4 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · pass for 10m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
No hold and no drain is in force.
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › draining > must match snapshot 1`] = `
503 · shop on ip-10-0-3-17 · health-sidecar
Skip to the checks
shop on ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
Out of service, on purpose.
The load balancer has got 503 for 4m, since 03:10:00.
Whose trouble
nobody's: taken out on purpose (kernel upgrade, by alice, since 03:10:00Z)
What happens next
the drain ends in 26m, at 03:40:00Z
What to do
health-sidecar --app shop resume puts the host back
What changed
Answers to the load balancer, last 24 hours: 503 for 6m10s in 3 stretches, the latest since 03:10:00; 200 for 23h52m in 3 stretches, the latest from 03:03:40 to 03:10:00
24 hours agoanswers to the load balancernow
03:10:00
200 → 503
drain: kernel upgrade, by alice, until 03:40:00 this made the answer what it is
42 probes got 200
03:03:40
503 → 200
homepage fail→pass
rule: every required check passes
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
Earlier changes
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 4 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · pass for 10m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
Drain: kernel upgrade, by alice
ends in 26m, at 03:40:00
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
App
shop
Release
2026.11.3
Phase
draining
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › draining for a notice > must match snapshot 1`] = `
503 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
Out of service, on purpose.
The load balancer has got 503 for 1m, since 03:13:00.
Whose trouble
nobody's: EC2 will stop this spot instance, since 03:13:00Z
What happens next
stays out until that is withdrawn; health-sidecar resume does not end it
What changed
Answers to the load balancer, last 24 hours: 503 for 6m10s in 3 stretches, the latest since 03:10:00; 200 for 23h52m in 3 stretches, the latest from 03:03:40 to 03:10:00
24 hours agoanswers to the load balancernow
03:10:00
200 → 503
drain: kernel upgrade, by alice, until 03:40:00 this made the answer what it is
42 probes got 200
03:03:40
503 → 200
homepage fail→pass
rule: every required check passes
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
Earlier changes
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 4 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · pass for 10m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
Drain: EC2 will stop this spot instance
lasts until that notice is withdrawn
EC2 will stop this spot instance
in 1m, at 03:15:00
Scaling group
moves this instance to Terminated
EC2 recommends to replace this instance
since 03:01:00
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
draining
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › failing > must match snapshot 1`] = `
503 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
Out of service. The trouble is this host’s own.
The load balancer has got 503 for 2m20s, since 03:11:40.
What is wrong
homepage: GET / on http+unix:/run/app/app.sock is answered 500, not 200: see the app’s own log
Whose trouble
this host's: homepage
What happens next
503 until it passes
What to do
Do what the message says. It has the likeliest cause first: the page, the Host, a proxy in front, the app's log.
What changed
Answers to the load balancer, last 24 hours: 503 for 4m30s in 3 stretches, the latest since 03:11:40; 200 for 23h53m in 3 stretches, the latest from 03:03:40 to 03:11:40
24 hours agoanswers to the load balancernow
03:11:40
200 → 503
homepage pass→fail SMOKE_STATUS_UNEXPECTED this made the answer what it is
GET / is answered 500, not 200
rule: a required check fails (unhealthy_threshold 1)
9 probes got 503
03:03:40
503 → 200
homepage fail→pass
rule: every required check passes
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
Earlier changes
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 3 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
fail
smoke · required · fail for 2m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 3m50s in 2 stretches, the latest since 03:11:40; pass for 23h54m in 3 stretches, the latest from 03:03:40 to 03:11:40
GET / on http+unix:/run/app/app.sock is answered 500, not 200: see the app’s own log
Reason
SMOKE_STATUS_UNEXPECTED The status is not the expected one. After a redirect the evidence has its target (redirectedTo), without the query.
What to do
Do what the message says. It has the likeliest cause first: the page, the Host, a proxy in front, the app's log.
Evidence of homepage
status
500
expected
200
target
http+unix:/run/app/app.sock
tookMs
3
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
No hold and no drain is in force.
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › failing, not proved > must match snapshot 1`] = `
503 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
Out of service. Not enough is known to put it back.
The load balancer has got 503 for 1m, since 03:13:00.
What is wrong
migrations: 10.0.1.5:5432 refuses the connection: is Postgres running? Check its host and port
Whose trouble
not proved to be this host's: migrations
What happens next
503 until it passes
What to do
Start Postgres. Check host and port.
What changed
Answers to the load balancer, last 24 hours: 503 for 4m30s in 3 stretches, the latest since 03:11:40; 200 for 23h53m in 3 stretches, the latest from 03:03:40 to 03:11:40
24 hours agoanswers to the load balancernow
03:11:40
200 → 503
homepage pass→fail SMOKE_STATUS_UNEXPECTED this made the answer what it is
GET / is answered 500, not 200
rule: a required check fails (unhealthy_threshold 1)
9 probes got 503
03:03:40
503 → 200
homepage fail→pass
rule: every required check passes
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
Earlier changes
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 3 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 3m50s in 2 stretches, the latest since 03:11:40; pass for 23h54m in 3 stretches, the latest from 03:03:40 to 03:11:40
migrations
unknown
migrations · required · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
10.0.1.5:5432 refuses the connection: is Postgres running? Check its host and port
Reason
DATABASE_REFUSED Nothing listens at that address or socket, or the socket may not be opened.
What to do
Start Postgres. Check host and port.
Counts as
fail (503): an unknown (cause: shared) has lasted longer than hold allows
Evidence of migrations
address
10.0.1.5:5432
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
No hold and no drain is in force.
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › holding, busy > must match snapshot 1`] = `
200 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
In service. The app is busy, but it makes progress.
The load balancer has got 200 for 10m20s, since 03:03:40.
What is wrong
homepage: the app did not answer within 2.0 s; another request was answered 3 s ago
Whose trouble
the load's: the app is slow, but makes progress (homepage)
What happens next
it holds for as long as that lasts
What to do
add capacity; do not replace this host
What changed
Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40
24 hours agoanswers to the load balancernow
03:03:40
503 → 200
homepage fail→pass this made the answer what it is
rule: every required check passes
42 probes got 200
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
Earlier changes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 3 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
unknown
smoke · required · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
the app did not answer within 2.0 s; another request was answered 3 s ago
Reason
SMOKE_NO_ANSWER The app accepted the connection, and sent nothing before the timeout. unknown (busy): the app makes progress. fail: no answer as expected within patience.
What to do
Every worker is busy or stuck: find what blocks them, or add capacity. If no answer has ever come, the server may speak another protocol: check the target's scheme.
Counts as
warn (200): nothing is proved against this host: an unknown holds (cause: busy), for as long as it lasts
Evidence of homepage
status
500
expected
200
target
http+unix:/run/app/app.sock
tookMs
3
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
Hold: homepage is unknown, and the host keeps its last known state
for 40s so far; lasts for as long as the trouble does
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › holding, local > must match snapshot 1`] = `
200 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
In service, for now. The sidecar cannot look.
The load balancer has got 200 for 10m20s, since 03:03:40.
What is wrong
env: cannot read /etc/application/env-vars (EACCES): let the user health-sidecar read it
Whose trouble
not known: the sidecar cannot look (env)
What happens next
the hold ends in 6m, at 03:20:00Z
What to do
Give the sidecar's user the right to read it.
What changed
Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40
24 hours agoanswers to the load balancernow
03:03:40
503 → 200
homepage fail→pass this made the answer what it is
rule: every required check passes
42 probes got 200
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
Earlier changes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 3 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · pass for 10m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
unknown
env · required · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
cannot read /etc/application/env-vars (EACCES): let the user health-sidecar read it
Reason
ENV_FILE_UNREADABLE No permission, not a file, larger than 256 KiB, an I/O error, or a file system that does not answer.
What to do
Give the sidecar's user the right to read it.
Counts as
warn (200): nothing is proved against this host: an unknown holds (cause: local), until 03:20:00
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
Hold: env is unknown, and the host keeps its last known state
for 9m so far; ends in 6m, at 03:20:00, and then the host goes out of service
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › holding, shared > must match snapshot 1`] = `
200 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
In service. All hosts share the trouble.
The load balancer has got 200 for 10m20s, since 03:03:40.
What is wrong
migrations: 10.0.1.5:5432 refuses the connection: is Postgres running? Check its host and port
Whose trouble
not this host's: something that all hosts use (migrations, database)
What happens next
it holds for as long as that lasts
What to do
Start Postgres. Check host and port. Do not replace this host.
What changed
Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40
24 hours agoanswers to the load balancernow
03:11:52
200 kept
homepage pass→unknown DEPENDENCY_NOT_PASSING
it fails while database does not pass
rule: database: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
03:11:50
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
03:11:50
200 kept
migrations pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
03:03:40
503 → 200
homepage fail→pass this made the answer what it is
rule: every required check passes
42 probes got 200
Earlier changes
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 1 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
unknown
smoke · required · unknown for 2m8s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; unknown for 2m8s since 03:11:52; pass for 23h54m in 3 stretches, the latest from 03:03:40 to 03:11:52
it fails while database, which it depends on, does not pass: 500 for GET /
Reason
DEPENDENCY_NOT_PASSING The check failed while a check that it depends on was not passing, or a late failure of it may be over.
What to do
See that other check. Both reasons are in the evidence.
Counts as
warn (200): nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
Evidence of homepage
status
500
expected
200
target
http+unix:/run/app/app.sock
tookMs
3
migrations
unknown
migrations · required · unknown for 2m10s · looked 4s ago · took 1.2 ms
migrations, last 24 hours: unknown for 2m10s since 03:11:50; pass for 23h56m in 2 stretches, the latest from 25 Nov 17:01:41 to 03:11:50
10.0.1.5:5432 refuses the connection: is Postgres running? Check its host and port
Reason
DATABASE_REFUSED Nothing listens at that address or socket, or the socket may not be opened.
What to do
Start Postgres. Check host and port.
Counts as
warn (200): nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
Evidence of migrations
address
10.0.1.5:5432
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
unknown
postgres · optional · unknown for 2m10s · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 27m10s in 2 stretches, the latest since 03:11:50; pass for 23h31m in 3 stretches, the latest from 25 Nov 17:01:41 to 03:11:50
10.0.1.5:5432 refuses the connection: is Postgres running? Check its host and port
Reason
DATABASE_REFUSED Nothing listens at that address or socket, or the socket may not be opened.
What to do
Start Postgres. Check host and port.
Counts as
warn (200): a check that is not required can only warn
Evidence of database
address
10.0.1.5:5432
Countdowns
Hold: homepage is unknown, and the host keeps its last known state
for 2m8s so far; lasts for as long as the trouble does
Hold: migrations is unknown, and the host keeps its last known state
for 2m10s so far; lasts for as long as the trouble does
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › hostile > must match snapshot 1`] = `
200 · "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום on ip-10-0-3-17 · health-sidecar
Skip to the checks
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום on ip-10-0-3-17 release "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
as of 03:14:00 UTC
Reload
In service. All hosts share the trouble.
The load balancer has got 200 for 10m20s, since 03:03:40.
What is wrong
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום : "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
<!DOCTYPE html><html><style>*{display:none}</style><h1>Server Error</h1></title></svg></script>
Whose trouble
not this host's: something that all hosts use ("><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום , aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)
What happens next
it holds for as long as that lasts
What to do
repair what all hosts use; do not replace this host
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
What changed
Answers to the load balancer, last 15 minutes: 200 for 14m
15 minutes agoanswers to the load balancernow
03:00:40
200 kept
drain: "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום , by "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
03:00:30
200 kept
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום fail "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
03:00:20
200 kept
a configuration is refused; the one before stays
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
03:00:00
no answer → 200
the daemon starts (version "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום , release "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום ) this made the answer what it is
this release has passed on this boot, so the host goes on serving
42 probes got 200
Earlier changes
03:00:10
200 kept
another release: "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום (before: "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום )
it has to prove itself
Checks 0 of 2 pass
last 15 minutes:
passwarnunknownfail
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
unknown
looked 4s ago · took 1.2 ms
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום , last 15 minutes: fail for 13m30s
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
<!DOCTYPE html><html><style>*{display:none}</style><h1>Server Error</h1></title></svg></script>
Reason
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
Counts as
warn (200): nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
Evidence of "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
page
<body onload="x">"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
[
"\\"><script>document.title=\\"owned\\"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום "
]
deep
{
"a": [
"</dd></dl></details>"
]
}
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
unknown
looked 4s ago · took 1.2 ms
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, last 15 minutes: nothing is recorded
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
Reason
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
Counts as
warn (200): nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
Evidence of aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
page
<body onload="x">"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
[
"\\"><script>document.title=\\"owned\\"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום "
]
deep
{
"a": [
"</dd></dl></details>"
]
}
Countdowns
Drain: "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום , by "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
ends in an unknown time, at "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
EC2 will "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום this spot instance
in an unknown time, at "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
Scaling group
moves this instance to "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
EC2 recommends to replace this instance
since "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
Hold: "><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום is unknown, and the host keeps its last known state
for 2m10s so far; lasts for as long as the trouble does
Hold: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa is unknown, and the host keeps its last known state
for 2m10s so far; lasts for as long as the trouble does
What the load balancer sees
no answer × 2 to
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום ("><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום )
last an unknown time ago
This host
Host
ip-10-0-3-17
App
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
Release
"><script>document.title="owned"</script><img src=x onerror=alert(1)>' onload=x \${7} &amp; \\u202edetrever\\u202c \\u001b[31m\\u0000 \\u2028 🙈 שלום
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › its markup > must match snapshot 1`] = `
<!doctype html>
    <html lang="en" data-edition="…">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>200 · ip-10-0-3-17 · health-sidecar</title>
        <link id="tab-icon" rel="icon" href="data:image/svg+xml,%3Csvg%20xmlns%3D&#39;http%3A%2F%2Fwww.w3.org%2F2000%2Fsvg&#39;%20viewBox%3D&#39;0%200%2024%2024&#39;%3E%3Cpath%20fill%3D&#39;%232c9a62&#39;%20fill-rule%3D&#39;evenodd&#39;%20d%3D&#39;M12%201a11%2011%200%201%200%200%2022%2011%2011%200%200%200%200-22Zm-1.6%2016.2-5-5%202-2%203%203%206.2-6.4%202%202Z&#39;%2F%3E%3C%2Fsvg%3E" />
        <style></style>
      </head>
      <body>
        <a class="skip" href="#checks">Skip to the checks</a>
        <header id="top">
          <p class="name">
            <bdi>ip-10-0-3-17</bdi> <span class="release">release <bdi>2026.11.3</bdi></span>
          </p>
          <p class="as-of">
            as of <time datetime="2026-11-26T03:14:00.000Z">03:14:00 UTC</time>
            <a class="reload" href="">Reload</a>
          </p>
        </header>
        <p id="lost" class="lost" role="alert" hidden></p>
        <p id="announcement" class="hidden" role="status"></p>
        <main id="main">
          <section id="verdict" class="verdict pass" aria-labelledby="headline">
    <h1 id="headline"><svg class="icon pass" viewBox="0 0 24 24" aria-hidden="true">
    <path fill-rule="evenodd" d="M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm-1.6 16.2-5-5 2-2 3 3 6.2-6.4 2 2Z" />
  </svg> <span>In service. All is well.</span></h1>
    <p class="answer">
      The load balancer has got <strong>200</strong> for 10m20s, since <time datetime="2026-11-26T03:03:40.000Z">03:03:40</time>.
    </p>
    
    
  </section> <section id="changes" aria-labelledby="changes-title">
    <h2 id="changes-title">What changed</h2>
    <div class="card">
      <svg
    class="strip"
    role="img"
    aria-labelledby="answers"
    viewBox="0 0 240 24"
    preserveAspectRatio="none"
  >
    <title id="answers">Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40</title>
    <path class="ground" d="M0 12h240" />
    <path class="ticks" d="M60 0v24M120 0v24M180 0v24" />
    <path class="fail" d="M137 0h2v24h-2zM238 0h1v24h-1z" /><path class="pass" d="M0 9h137v6h-137zM139 9h99v6h-99zM239 9h1v6h-1z" />
  </svg>
      <p class="axis" aria-hidden="true">
        <span>24 hours ago</span><span>answers to the load balancer</span><span>now</span>
      </p>
      <ol class="changes">
              <li>
    <span class="when"><time datetime="2026-11-26T03:03:40.000Z">03:03:40</time></span>
    <span class="change pass">503 → 200</span>
    <div class="what">
      <p>
        <bdi>homepage fail→pass</bdi
        > <strong class="tag">this made the answer what it is</strong>
      </p>
      <p class="why">rule: every required check passes</p>
      <p class="why">42 probes got 200</p>
    </div>
  </li><li>
    <span class="when"><time datetime="2026-11-26T03:02:10.000Z">03:02:10</time></span>
    <span class="change fail">200 → 503</span>
    <div class="what">
      <p>
        <bdi>homepage pass→fail  SMOKE_SOCKET_STALE</bdi
        >
      </p>
      <p class="why">nobody listens on /run/app/app.sock: start the app</p><p class="why">rule: a required check fails (unhealthy_threshold 1)</p>
      <p class="why">6 probes got 503</p>
    </div>
  </li><li>
    <span class="when"><time datetime="2026-11-25T17:02:20.000Z">25 Nov 17:02:20</time></span>
    <span class="change pass">503 → 200</span>
    <div class="what">
      <p>
        <bdi>the host has proved itself</bdi
        >
      </p>
      <p class="why">rule: every required check passes</p>
      
    </div>
  </li>
            </ol>
      <details id="earlier">
          <summary>Earlier changes</summary>
          <ol class="changes">
            <li>
    <span class="when"><time datetime="2026-11-25T17:01:40.000Z">25 Nov 17:01:40</time></span>
    <span class="change fail">no answer → 503</span>
    <div class="what">
      <p>
        <bdi>the daemon starts (version 0.1.0, release 2026.11.3)</bdi
        >
      </p>
      <p class="why">the host has to prove itself</p>
      
    </div>
  </li><li>
    <span class="when"><time datetime="2026-11-25T17:00:00.000Z">25 Nov 17:00:00</time></span>
    <span class="change warn">200 → no answer</span>
    <div class="what">
      <p>
        <bdi>the daemon stops</bdi
        >
      </p>
      
      
    </div>
  </li><li>
    <span class="when"><time datetime="2026-11-25T10:28:20.000Z">25 Nov 10:28:20</time></span>
    <span class="change same">200 kept</span>
    <div class="what">
      <p>
        <bdi>database unknown→pass</bdi
        >
      </p>
      <p class="why">rule: every required check passes</p>
      
    </div>
  </li><li>
    <span class="when"><time datetime="2026-11-25T10:03:20.000Z">25 Nov 10:03:20</time></span>
    <span class="change same">200 kept</span>
    <div class="what">
      <p>
        <bdi>database pass→unknown  DATABASE_REFUSED</bdi
        >
      </p>
      <p class="why">10.0.1.5:5432 refuses the connection</p><p class="why">rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts</p>
      
    </div>
  </li><li>
    <span class="when"><time datetime="2026-11-25T02:00:00.000Z">25 Nov 02:00:00</time></span>
    <span class="change pass">no answer → 200</span>
    <div class="what">
      <p>
        <bdi>the daemon starts (version 0.1.0, release 2026.11.2)</bdi
        >
      </p>
      <p class="why">the host has to prove itself</p>
      
    </div>
  </li>
          </ol>
        </details>
    </div>
  </section> <section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks <span class="count">4 of 4 pass</span></h2>
    <p class="legend" aria-hidden="true">
      <span>last 24 hours:</span>
      <span class="key pass">pass</span><span class="key warn">warn</span><span class="key unknown">unknown</span><span class="key fail">fail</span>
    </p>
    <ul class="checks">
      <li class="check pass" id="check-homepage">
    <div class="head">
      <h3><bdi>homepage</bdi></h3>
      <p class="status pass"><svg class="icon pass" viewBox="0 0 24 24" aria-hidden="true">
    <path fill-rule="evenodd" d="M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm-1.6 16.2-5-5 2-2 3 3 6.2-6.4 2 2Z" />
  </svg> pass</p>
      <p class="meta">
    smoke <span aria-hidden="true">·</span> required <span aria-hidden="true">·</span> pass for 10m20s <span aria-hidden="true">·</span> looked 4s ago <span aria-hidden="true">·</span> took 3.1 ms
  </p>
    </div>
    <svg
    class="strip"
    role="img"
    aria-labelledby="strip-homepage"
    viewBox="0 0 240 24"
    preserveAspectRatio="none"
  >
    <title id="strip-homepage">homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40</title>
    <path class="ground" d="M0 12h240" />
    <path class="ticks" d="M60 0v24M120 0v24M180 0v24" />
    <path class="fail" d="M238 0h1v24h-1z" /><path class="pass" d="M0 9h238v6h-238zM239 9h1v6h-1z" />
  </svg>
     
  </li><li class="check pass" id="check-migrations">
    <div class="head">
      <h3><bdi>migrations</bdi></h3>
      <p class="status pass"><svg class="icon pass" viewBox="0 0 24 24" aria-hidden="true">
    <path fill-rule="evenodd" d="M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm-1.6 16.2-5-5 2-2 3 3 6.2-6.4 2 2Z" />
  </svg> pass</p>
      <p class="meta">
    migrations <span aria-hidden="true">·</span> required <span aria-hidden="true">·</span> pass for 10h12m <span aria-hidden="true">·</span> looked 4s ago <span aria-hidden="true">·</span> took 1.2 ms
  </p>
    </div>
    <svg
    class="strip"
    role="img"
    aria-labelledby="strip-migrations"
    viewBox="0 0 240 24"
    preserveAspectRatio="none"
  >
    <title id="strip-migrations">migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41</title>
    <path class="ground" d="M0 12h240" />
    <path class="ticks" d="M60 0v24M120 0v24M180 0v24" />
    <path class="pass" d="M0 9h240v6h-240z" />
  </svg>
     
  </li><li class="check pass" id="check-env">
    <div class="head">
      <h3><bdi>env</bdi></h3>
      <p class="status pass"><svg class="icon pass" viewBox="0 0 24 24" aria-hidden="true">
    <path fill-rule="evenodd" d="M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm-1.6 16.2-5-5 2-2 3 3 6.2-6.4 2 2Z" />
  </svg> pass</p>
      <p class="meta">
    env <span aria-hidden="true">·</span> required <span aria-hidden="true">·</span> pass for 10h12m <span aria-hidden="true">·</span> looked 4s ago <span aria-hidden="true">·</span> took 3.1 ms
  </p>
    </div>
    <svg
    class="strip"
    role="img"
    aria-labelledby="strip-env"
    viewBox="0 0 240 24"
    preserveAspectRatio="none"
  >
    <title id="strip-env">env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41</title>
    <path class="ground" d="M0 12h240" />
    <path class="ticks" d="M60 0v24M120 0v24M180 0v24" />
    <path class="pass" d="M0 9h240v6h-240z" />
  </svg>
     
  </li><li class="check pass" id="check-database">
    <div class="head">
      <h3><bdi>database</bdi></h3>
      <p class="status pass"><svg class="icon pass" viewBox="0 0 24 24" aria-hidden="true">
    <path fill-rule="evenodd" d="M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22Zm-1.6 16.2-5-5 2-2 3 3 6.2-6.4 2 2Z" />
  </svg> pass</p>
      <p class="meta">
    postgres <span aria-hidden="true">·</span> optional <span aria-hidden="true">·</span> pass for 10h12m <span aria-hidden="true">·</span> looked 4s ago <span aria-hidden="true">·</span> took 1.2 ms
  </p>
    </div>
    <svg
    class="strip"
    role="img"
    aria-labelledby="strip-database"
    viewBox="0 0 240 24"
    preserveAspectRatio="none"
  >
    <title id="strip-database">database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41</title>
    <path class="ground" d="M0 12h240" />
    <path class="ticks" d="M60 0v24M120 0v24M180 0v24" />
    <path class="unknown" d="M68 3h5v18h-5z" /><path class="pass" d="M0 9h68v6h-68zM73 9h167v6h-167z" />
  </svg>
     
  </li>
    </ul>
  </section>
          <div class="below"><section id="countdowns" aria-labelledby="countdowns-title">
    <h2 id="countdowns-title">Countdowns</h2>
    <div class="card">
      <p class="empty">No hold and no drain is in force.</p>
    </div>
  </section> <section id="balancer" aria-labelledby="balancer-title">
    <h2 id="balancer-title">What the load balancer sees</h2>
    <div class="card">
      <ul class="list">
              <li>
    <p>
      <strong>200</strong> × 812 to
      <bdi>10.0.1.7</bdi> (<bdi>ELB-HealthChecker</bdi>)
    </p>
    <p class="meta">asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s</p>
  </li><li>
    <p>
      <strong>200</strong> × 811 to
      <bdi>10.0.2.9</bdi> (<bdi>ELB-HealthChecker</bdi>)
    </p>
    <p class="meta">asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s</p>
  </li>
            </ul>
    </div>
  </section> <section id="host" aria-labelledby="host-title">
    <h2 id="host-title">This host</h2>
    <div class="card">
      <dl class="facts">
        <div>
    <dt>Host</dt>
    <dd><bdi>ip-10-0-3-17</bdi></dd>
  </div> 
        <div>
    <dt>Release</dt>
    <dd><bdi>2026.11.3</bdi></dd>
  </div> <div>
    <dt>Phase</dt>
    <dd><bdi>serving</bdi></dd>
  </div>
        <div>
    <dt>Boot</dt>
    <dd><bdi>12d1h ago, at <time datetime="2026-11-14T02:11:00.000Z">14 Nov 02:11:00</time></bdi></dd>
  </div>
        <div>
    <dt>Sidecar</dt>
    <dd><bdi>health-sidecar 0.1.0, process 812, up for 10h12m</bdi></dd>
  </div>
      </dl>
    </div>
  </section></div>
        </main>
        <footer><details id="words">
  <summary>What the words mean</summary>
  <dl class="facts">
    <div>
          <dt>pass, warn</dt>
          <dd>The check found what it should. A warning is worth a look, and does not take the host out.</dd>
        </div><div>
          <dt>fail</dt>
          <dd>Proof that this host is wrong. It goes out of service until the check passes.</dd>
        </div><div>
          <dt>unknown</dt>
          <dd>There is no proof, such as when the database is away. A host that has passed before stays as it was.</dd>
        </div><div>
          <dt>hold</dt>
          <dd>What an unknown does to a host in service: it keeps its last known state.</dd>
        </div><div>
          <dt>starting</dt>
          <dd>A new release has not passed yet. It must pass several rounds in a row before the first 200.</dd>
        </div><div>
          <dt>draining</dt>
          <dd>Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.</dd>
        </div><div>
          <dt>200, 503</dt>
          <dd>What the load balancer gets: send this host traffic, or do not.</dd>
        </div>
  </dl>
</details></footer>
        <script></script>
      </body>
    </html>
`

exports[`test/page/page.test.ts > TAP > page › serving > must match snapshot 1`] = `
200 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
In service. All is well.
The load balancer has got 200 for 10m20s, since 03:03:40.
What changed
Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40
24 hours agoanswers to the load balancernow
03:03:40
503 → 200
homepage fail→pass this made the answer what it is
rule: every required check passes
42 probes got 200
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
Earlier changes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 4 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · pass for 10m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
No hold and no drain is in force.
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › starting > must match snapshot 1`] = `
503 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.4
as of 03:14:00 UTC
Reload
Not in service yet. The host proves itself first.
The load balancer has got 503 for 1m, since 03:13:00.
What happens next
200 after the start: 3 more rounds must pass (2 of 5 have)
What changed
Answers to the load balancer, last 5 minutes: 503 for 1m
5 minutes agoanswers to the load balancernow
03:13:00
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.4) this made the answer what it is
the host has to prove itself
42 probes got 200
Checks 4 of 4 pass
last 5 minutes:
passwarnunknownfail
homepage
pass
smoke · required · pass for 59s · looked 4s ago · took 3.1 ms
homepage, last 5 minutes: pass for 59s
migrations
pass
migrations · required · pass for 59s · looked 4s ago · took 1.2 ms
migrations, last 5 minutes: pass for 59s
env
pass
env · required · pass for 59s · looked 4s ago · took 3.1 ms
env, last 5 minutes: pass for 59s
database
pass
postgres · optional · pass for 59s · looked 4s ago · took 1.2 ms
database, last 5 minutes: pass for 59s
Countdowns
Start
2 of 5 rounds have passed in a row; the first 200 comes
after the last
What the load balancer sees
No probe has come yet. Check that the host is registered with its balancer, and its security
group.
This host
Host
ip-10-0-3-17
Release
2026.11.4
Phase
starting
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › starting, failing > must match snapshot 1`] = `
503 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
Not in service yet. The trouble is this host’s own.
The load balancer has got 503 for 1m, since 03:13:00.
What is wrong
homepage: GET / on http+unix:/run/app/app.sock is answered 500, not 200: see the app’s own log
Whose trouble
this host's: homepage
What happens next
503 until it passes; then 10 more rounds must pass (0 of 10 have)
What to do
Do what the message says. It has the likeliest cause first: the page, the Host, a proxy in front, the app's log.
What changed
Answers to the load balancer, last 5 minutes: 503 for 1m
5 minutes agoanswers to the load balancernow
03:13:00
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.4) this made the answer what it is
the host has to prove itself
42 probes got 200
Checks 3 of 4 pass
last 5 minutes:
passwarnunknownfail
homepage
fail
smoke · required · looked 4s ago · took 3.1 ms
homepage, last 5 minutes: pass for 59s
GET / on http+unix:/run/app/app.sock is answered 500, not 200: see the app’s own log
Reason
SMOKE_STATUS_UNEXPECTED The status is not the expected one. After a redirect the evidence has its target (redirectedTo), without the query.
What to do
Do what the message says. It has the likeliest cause first: the page, the Host, a proxy in front, the app's log.
Evidence of homepage
status
500
expected
200
target
http+unix:/run/app/app.sock
tookMs
3
migrations
pass
migrations · required · pass for 59s · looked 4s ago · took 1.2 ms
migrations, last 5 minutes: pass for 59s
env
pass
env · required · pass for 59s · looked 4s ago · took 3.1 ms
env, last 5 minutes: pass for 59s
database
pass
postgres · optional · pass for 59s · looked 4s ago · took 1.2 ms
database, last 5 minutes: pass for 59s
Countdowns
Start
0 of 10 rounds have passed in a row; the first 200 comes
after the last
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
starting
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › starting, not proved > must match snapshot 1`] = `
503 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
Not in service yet. It cannot prove itself.
The load balancer has got 503 for 1m, since 03:13:00.
What is wrong
database: 10.0.1.5:5432 refuses the connection: is Postgres running? Check its host and port
Whose trouble
not known yet: database
What happens next
503 until it passes; then 5 more rounds must pass (0 of 5 have)
What to do
Start Postgres. Check host and port.
What changed
Answers to the load balancer, last 5 minutes: 503 for 1m
5 minutes agoanswers to the load balancernow
03:13:00
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.4) this made the answer what it is
the host has to prove itself
42 probes got 200
Checks 3 of 4 pass
last 5 minutes:
passwarnunknownfail
homepage
pass
smoke · required · pass for 59s · looked 4s ago · took 3.1 ms
homepage, last 5 minutes: pass for 59s
migrations
pass
migrations · required · pass for 59s · looked 4s ago · took 1.2 ms
migrations, last 5 minutes: pass for 59s
env
pass
env · required · pass for 59s · looked 4s ago · took 3.1 ms
env, last 5 minutes: pass for 59s
database
unknown
postgres · optional · looked 4s ago · took 1.2 ms
database, last 5 minutes: pass for 59s
10.0.1.5:5432 refuses the connection: is Postgres running? Check its host and port
Reason
DATABASE_REFUSED Nothing listens at that address or socket, or the socket may not be opened.
What to do
Start Postgres. Check host and port.
Counts as
fail (503): before the first pass, an unknown counts as a failure
Evidence of database
address
10.0.1.5:5432
Countdowns
Start
0 of 5 rounds have passed in a row; the first 200 comes
after the last
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
starting
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › stopping > must match snapshot 1`] = `
503 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
Out of service. The daemon is stopping.
The load balancer has got 503 for 1s, since 03:13:59.
Whose trouble
nobody's: the daemon was told to stop (SIGTERM)
What happens next
the daemon ends
What to do
start it again, unless a restart or an upgrade does
What changed
Answers to the load balancer, last 24 hours: 503 for 6m10s in 3 stretches, the latest since 03:10:00; 200 for 23h52m in 3 stretches, the latest from 03:03:40 to 03:10:00
24 hours agoanswers to the load balancernow
03:10:00
200 → 503
drain: kernel upgrade, by alice, until 03:40:00 this made the answer what it is
42 probes got 200
03:03:40
503 → 200
homepage fail→pass
rule: every required check passes
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
Earlier changes
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 4 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · pass for 10m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
pass
postgres · optional · pass for 10h12m · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
Countdowns
No hold and no drain is in force.
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
draining
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`

exports[`test/page/page.test.ts > TAP > page › warning > must match snapshot 1`] = `
200 · ip-10-0-3-17 · health-sidecar
Skip to the checks
ip-10-0-3-17 release 2026.11.3
as of 03:14:00 UTC
Reload
In service, with a warning.
The load balancer has got 200 for 10m20s, since 03:03:40.
What is wrong
database: 127.0.0.1:6379 refuses the connection: the app is not running, or listens elsewhere
Whose trouble
not decisive: database
What to do
Start the service. Check the port.
What changed
Answers to the load balancer, last 24 hours: 503 for 2m10s in 2 stretches, the latest from 03:02:10 to 03:03:40; 200 for 23h56m in 3 stretches, the latest since 03:03:40
24 hours agoanswers to the load balancernow
03:03:40
503 → 200
homepage fail→pass this made the answer what it is
rule: every required check passes
42 probes got 200
03:02:10
200 → 503
homepage pass→fail SMOKE_SOCKET_STALE
nobody listens on /run/app/app.sock: start the app
rule: a required check fails (unhealthy_threshold 1)
6 probes got 503
25 Nov 17:02:20
503 → 200
the host has proved itself
rule: every required check passes
Earlier changes
25 Nov 17:01:40
no answer → 503
the daemon starts (version 0.1.0, release 2026.11.3)
the host has to prove itself
25 Nov 17:00:00
200 → no answer
the daemon stops
25 Nov 10:28:20
200 kept
database unknown→pass
rule: every required check passes
25 Nov 10:03:20
200 kept
database pass→unknown DATABASE_REFUSED
10.0.1.5:5432 refuses the connection
rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts
25 Nov 02:00:00
no answer → 200
the daemon starts (version 0.1.0, release 2026.11.2)
the host has to prove itself
Checks 3 of 4 pass
last 24 hours:
passwarnunknownfail
homepage
pass
smoke · required · pass for 10m20s · looked 4s ago · took 3.1 ms
homepage, last 24 hours: fail for 1m30s from 03:02:10 to 03:03:40; pass for 23h56m in 3 stretches, the latest since 03:03:40
migrations
pass
migrations · required · pass for 10h12m · looked 4s ago · took 1.2 ms
migrations, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
env
pass
env · required · pass for 10h12m · looked 4s ago · took 3.1 ms
env, last 24 hours: pass for 23h58m in 2 stretches, the latest since 25 Nov 17:01:41
database
fail
postgres · optional · looked 4s ago · took 1.2 ms
database, last 24 hours: unknown for 25m from 25 Nov 10:03:20 to 25 Nov 10:28:20; pass for 23h33m in 3 stretches, the latest since 25 Nov 17:01:41
127.0.0.1:6379 refuses the connection: the app is not running, or listens elsewhere
Reason
TCP_CONNECTION_REFUSED Nothing listens on host:port.
What to do
Start the service. Check the port.
Counts as
warn (200): a check that is not required can only warn
Countdowns
No hold and no drain is in force.
What the load balancer sees
200 × 812 to
10.0.1.7 (ELB-HealthChecker)
asks every 15s; last 4s ago; by its default of 2 failures it notices after about 30s
200 × 811 to
10.0.2.9 (ELB-HealthChecker)
asks every 15s; last 9s ago; by its default of 2 failures it notices after about 30s
This host
Host
ip-10-0-3-17
Release
2026.11.3
Phase
serving
Boot
12d1h ago, at 14 Nov 02:11:00
Sidecar
health-sidecar 0.1.0, process 812, up for 10h12m
What the words mean
pass, warn
The check found what it should. A warning is worth a look, and does not take the host out.
fail
Proof that this host is wrong. It goes out of service until the check passes.
unknown
There is no proof, such as when the database is away. A host that has passed before stays as it was.
hold
What an unknown does to a host in service: it keeps its last known state.
starting
A new release has not passed yet. It must pass several rounds in a row before the first 200.
draining
Somebody, or a notice of EC2, has taken the host out on purpose. It comes back at the end of the drain.
200, 503
What the load balancer gets: send this host traffic, or do not.
`
