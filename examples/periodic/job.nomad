# Laid over the built-in job: what makes a nightly job of a web service.
type = "batch"

periodic {
  crons            = ["15 3 * * *"]
  time_zone        = "Europe/Berlin"
  prohibit_overlap = true # a launch that still runs is not joined by the next one
}
