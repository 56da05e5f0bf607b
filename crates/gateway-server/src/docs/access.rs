//! `docs/access.md`, made from the tables of the management API: what each path asks of whoever calls it.

use std::fmt::Write;

use crate::api::{Needs, Route, TABLES};

const INTRO: &str = "\
# Who may use the management API

This page is generated: `gateway-server docs access > docs/access.md`.

Without an admin token, users and API tokens, one rule holds: the API, the dashboard and `/metrics` answer this machine
only, by the peer's address, `Host` and `Origin` together. **As soon as there is an admin token, a user or an API token, that
rule ends**, and everybody has to say who they are, whoever is at this machine included.

| who | how | what |
| --- | --- | --- |
| the admin token | `--admin-token` or `admin.token` in the settings, sent as `Authorization: Bearer` | everything |
| a user | `POST /api/session/login` gives a session's cookie; or name and password as Basic | what the role may |
| an API token | `POST /api/tokens` tells its value once; sent as `Authorization: Bearer` | what the role may, within the scopes, until it expires |
| the scrape token | `--scrape-token`, sent as `Authorization: Bearer` | `/metrics` alone |

A **viewer** sees settings, usage, logs and the ledger. An **operator** changes providers, virtual keys, limits, rules and
prices as well. An **admin** may do everything. A token's **scopes** are the parts in the last column, and `metrics`; none
means all that the role may. Users and tokens are no part: whoever manages those needs a credential without scopes.

There is always a way in: while there is no admin token, the last user or unlimited API token with the role `admin` can
be neither deleted nor demoted, and the first one made must be one (409 otherwise).

Passwords have 12 characters at least and are kept as Argon2id hashes; values of tokens have 256 random bits and are kept as
keyed hashes. Neither is ever shown. A configuration file declares users with a `password_hash`, which
`gateway-server hash-password` makes of a password on its standard input, and tokens with a `value` of 32 characters at
least, plain or `env.NAME`:

```yaml
admin:
  users:
    - username: alice
      role: admin
      password_hash: $argon2id$v=19$m=19456,t=2,p=1$…
  tokens:
    - id: ci
      role: operator
      scopes: [providers, governance]
      value: env.CI_TOKEN
      expires_at: 2027-01-31T00:00:00Z
```

A session lasts 12 hours without use and 7 days at most, over restarts, and ends with a logout, another password, another
role, or its user. Its cookie is `HttpOnly` and `SameSite=Strict`, and `Secure` where a proxy in front says that the way was
encrypted (`X-Forwarded-Proto`, `Forwarded`). What a session changes must come from the gateway's own pages, by
`Sec-Fetch-Site` or `Origin`. After five wrong passwords for a name, or twenty from an address, the next try waits: one
second, then twice as long each time, a minute at the most (429 with `Retry-After`).

Changes are in the audit log under `admin`, `loopback`, `user:NAME` or `token:ID`, as are logins (`session.open`), logouts
(`session.close`) and refused logins (`session.refused`).

## Paths

*Public* paths ask for themselves: logging in needs no credential, and the view of a virtual key's own quotas needs that
key. A path that is in no table is 404, after whoever asks was recognised.

| method | path | needs | scope |
| --- | --- | --- | --- |
";

/// The whole page.
pub(crate) fn access() -> String {
    let mut routes: Vec<&Route> = TABLES.iter().copied().flatten().collect();
    routes.sort_by_key(|route| (route.path, route.method.as_str()));
    let mut page = String::from(INTRO);
    for route in routes {
        let needs = match route.needs {
            Needs::Public => "public",
            Needs::Viewer => "viewer",
            Needs::Operator => "operator",
            Needs::Admin => "admin",
        };
        let part = route.part();
        let scope = if gateway::settings::PARTS.contains(&part) {
            part
        } else {
            "–"
        };
        let (method, path) = (&route.method, route.path);
        // A String takes everything.
        let _ = writeln!(page, "| {method} | `{path}` | {needs} | {scope} |");
    }
    page
}
