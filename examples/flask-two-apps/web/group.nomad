# Laid over the built-in group: where the API is, by Nomad's list of services, in a file that the app reads at each request.
# With Consul, write `service` for `nomadService`.
task "http" {
  template {
    destination = "local/api"
    change_mode = "noop" # the app looks by itself
    data        = <<-EOF
      {{- with nomadService "shop-api" }}{{ with index . 0 }}http://{{ .Address }}:{{ .Port }}{{ end }}{{ end }}
    EOF
  }
}
