# Laid over the built-in group: the database, started before the app and running beside it.
task "db" {
  driver = "docker"

  lifecycle {
    hook    = "prestart"
    sidecar = true
  }

  config {
    image = var.POSTGRES_IMAGE
    ports = ["db"]
    # The folder of the node that the app has as PERSISTENT_VOLUME.
    volumes = ["/pv/${var.CI_PROJECT_PATH_SLUG}:${var.PERSISTENT_VOLUME}"]
  }

  env {
    PGDATA = "${var.PERSISTENT_VOLUME}/postgres"
  }

  # The secrets of the workflow: POSTGRES_PASSWORD.
  template {
    data        = var.SECRETS_TEMPLATE
    destination = "secrets/db.env"
    env         = true
    change_mode = "noop"
  }

  kill_signal  = "SIGINT" # PostgreSQL's fast shutdown
  kill_timeout = "30s"

  resources {
    cpu    = 100
    memory = 256
  }
}
