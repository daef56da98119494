variable "POSTGRES_IMAGE" {
  type = string
}
