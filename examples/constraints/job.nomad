# Laid over the built-in job: only nodes whose configuration says  client { meta { disk = "ssd" } }
constraint {
  attribute = "${meta.disk}"
  value     = "ssd"
}
