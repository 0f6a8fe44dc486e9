# When to use it: consul-template renders the app's environment from Consul's KV store (or Vault), and the sidecar watches
# over the result. consul-template -config /etc/consul-template/consul-template.hcl
# What to change: the paths, the group that may read the file (the app's user and health-sidecar are in it), and the unit
# to reload. docs/checks/env.md: consul-template leaves `<no value>` for what is missing; the sidecar takes that for a failure.

# Let a change of many keys settle, so that the file is written and the app reloaded once.
wait {
  min = "5s"
  max = "30s"
}

template {
  source      = "/etc/consul-template/env-vars.ctmpl"
  destination = "/etc/application/env-vars"

  # Written beside it and renamed: no reader sees half a file. The mode is set before the rename; the directory is
  # root:app and setgid (install -d -o root -g app -m 2750 /etc/application), so that the file is its group's.
  perms = 0640

  # Without this, a missing field becomes the text `<no value>`, and the app starts with it.
  error_on_missing_key = true

  # Where it fails, consul-template itself ends, and renders no more: let its unit have Restart=always.
  # Not a restart: workers end what they are at. A unit reads its EnvironmentFile= when it starts its processes: use
  # reload only where the app reads the file itself, else try-restart, one host after the other (consul lock).
  command         = "systemctl try-reload-or-restart app.service"
  command_timeout = "60s"
}
