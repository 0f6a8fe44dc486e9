# When to use it: consul-template renders the app's environment from Consul's KV store (or Vault), and the sidecar checks the
# result. Run: consul-template -config /etc/consul-template/consul-template.hcl
# What to change: the paths, the group that may read the file (with the app's user and health-sidecar in it), and the unit
# to reload. consul-template writes `<no value>` for a missing key: the sidecar fails on that (docs/checks/env.md).

# When many keys change, wait until they settle: the file is then written once, and the app reloaded once.
wait {
  min = "5s"
  max = "30s"
}

template {
  source      = "/etc/consul-template/env-vars.ctmpl"
  destination = "/etc/application/env-vars"

  # consul-template writes a new file and renames it, so no reader sees half a file. It sets the mode before the rename. The
  # directory is root:app and setgid (install -d -o root -g app -m 2750 /etc/application): it gives the file its group.
  perms = 0640

  # Without this, a missing field becomes the text `<no value>`, and the app starts with it.
  error_on_missing_key = true

  # If this command fails, consul-template ends, and renders nothing more: set Restart=always in its unit.
  # A reload, unlike a restart, lets workers finish their requests. But a unit reads its EnvironmentFile= only when it starts
  # a process. Reload only if the app reads the file itself. Otherwise use try-restart, one host at a time (consul lock).
  command         = "systemctl try-reload-or-restart app.service"
  command_timeout = "60s"
}
