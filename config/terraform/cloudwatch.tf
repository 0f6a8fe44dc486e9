# When to use it: the hosts' log goes to CloudWatch Logs, with `log.emf` set to the name below. The alarms stop an instance
# refresh (autoscaling-group.tf).
# What to change: the topics, for whoever is to be paged. On the hosts, set HEALTH_SIDECAR_LOG_EMF to that name and
# HEALTH_SIDECAR_LOG_FILE to a file, and run the CloudWatch agent as docs/cloudwatch.md shows.

resource "aws_cloudwatch_log_group" "sidecar" {
  name              = "${var.name}-health-sidecar"
  retention_in_days = 30
}

module "cloudwatch" {
  source = "../cloudwatch"

  name           = var.name
  log_group_name = aws_cloudwatch_log_group.sidecar.name
  region         = var.region
}

# The CloudWatch agent of each host may write the log.
resource "aws_iam_role_policy_attachment" "cloudwatch_agent" {
  role       = aws_iam_role.host.name
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
}
