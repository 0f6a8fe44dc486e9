# When to use it: the log goes to CloudWatch Logs, and the hosts have no `log.emf`. With it, delete this file.
# What to change: nothing. Its alarm stops an instance refresh if it is named in `alarm_specification`.

# For how long a check has failed on one host. An unknown, as in a shared outage, is no failure.
resource "aws_cloudwatch_log_metric_filter" "fails" {
  name           = "${var.name}-check-fails"
  log_group_name = var.log_group_name
  pattern        = "{ $.event = \"check.persists\" && $.status = \"fail\" }"

  metric_transformation {
    namespace = "HealthSidecar/${var.name}"
    name      = "FailsForMs"
    value     = "$.persistsForMs"
    unit      = "Milliseconds"
  }
}

# Hosts that left service on a failure; neither a drain nor a stop.
resource "aws_cloudwatch_log_metric_filter" "taken_out" {
  name           = "${var.name}-taken-out"
  log_group_name = var.log_group_name
  pattern        = "{ $.event = \"verdict.changed\" && $.status = \"fail\" && $.phase = \"serving\" && $.previousPhase = \"serving\" }"

  metric_transformation {
    namespace     = "HealthSidecar/${var.name}"
    name          = "TakenOut"
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

resource "aws_cloudwatch_metric_alarm" "check_fails" {
  alarm_name          = "${var.name}-check-fails"
  alarm_description   = "A check has failed on a host for 10 minutes. Run `health-sidecar status` on it."
  namespace           = "HealthSidecar/${var.name}"
  metric_name         = "FailsForMs"
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 2
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 600000
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.release_topics
}
