# A program that the node fetches and runs as it is: no image, no registry, no Docker.
variable "binary" {
  type        = string
  description = "Address of the program"
}
variable "checksum" {
  type        = string
  description = "What the program must hash to, as sha256:<hex>"
}

job "file-server" {
  group "web" {
    network {
      port "http" {}
    }

    update {
      canary       = 1 # the new version starts beside the old one,
      auto_promote = true
      auto_revert  = true # and Nomad goes back when it does not become healthy
    }

    service {
      name     = "file-server"
      provider = "nomad"
      port     = "http"
      check {
        type     = "http"
        path     = "/"
        interval = "5s"
        timeout  = "2s"
      }
    }

    task "server" {
      driver = "raw_exec"

      shutdown_delay = "5s" # between leaving the registry and the signal, so that routers stop sending requests first

      artifact {
        source      = var.binary
        destination = "local/busybox"
        mode        = "file" # one file, not an archive to unpack
        options {
          checksum = var.checksum
        }
      }
      template {
        destination = "local/site/index.html"
        data        = "served by {{ env \"NOMAD_ALLOC_ID\" }}\n"
      }
      config {
        command = "local/busybox"
        args    = ["httpd", "-f", "-p", "${NOMAD_PORT_http}", "-h", "local/site"]
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
