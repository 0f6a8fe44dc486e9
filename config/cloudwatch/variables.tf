# When to use it: with any other file of this folder: they use these variables. The folder is a module, which
# ../terraform/cloudwatch.tf calls; it can be copied on its own as well.
# What to change: nothing. Set the values.

variable "name" {
  description = "Name of the service, as in `log.emf` of its hosts: the value of the dimension Service"
  type        = string
}

variable "log_group_name" {
  description = "Log group that the hosts' sidecars write to"
  type        = string
}

variable "region" {
  description = "Region of the hosts and of the log group"
  type        = string
}

variable "release_topics" {
  description = "ARNs of the SNS topics of whoever releases"
  type        = list(string)
  default     = []
}

variable "shared_topics" {
  description = "ARNs of the SNS topics of whoever owns what all hosts use, such as the database"
  type        = list(string)
  default     = []
}
