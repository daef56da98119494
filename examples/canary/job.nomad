# Laid over the built-in job, which already has  auto_revert = true : a version that does not become healthy is taken back by Nomad.
update {
  auto_promote = false # healthy canaries wait for somebody who promotes them
  max_parallel = 2     # then two of the five at a time
}
