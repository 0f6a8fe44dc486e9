# When to use it: the hosts have `log.emf` and their log goes to CloudWatch Logs. For hosts without it, use metric-filter.tf.
# What to change: the threshold of stuck_starting. It must be longer than the app's boot (180 s here) plus the 90 s of the
# sidecar's rounds, and shorter than the launching hook (900 s in ../terraform/autoscaling-group.tf).

# A new host that does not come up, for its own trouble: a broken release. In a shared outage StartingSeconds is 0.
resource "aws_cloudwatch_metric_alarm" "stuck_starting" {
  alarm_name          = "${var.name}-stuck-starting"
  alarm_description   = "A host has been starting for 10 minutes. Run `health-sidecar status` on it."
  namespace           = "HealthSidecar"
  metric_name         = "StartingSeconds"
  dimensions          = { Service = var.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 600
  # without a host that writes there is none that starts; `silent` tells of that
  treat_missing_data = "notBreaching"
  alarm_actions      = var.release_topics
}

# A host that was in service fails, for its own trouble. One host is enough. The minute is shorter than the 150 s after which
# the balancer takes it out: the group then replaces it.
resource "aws_cloudwatch_metric_alarm" "failing" {
  alarm_name          = "${var.name}-failing"
  alarm_description   = "A host that was in service has failed for a minute. Run `health-sidecar explain` on it."
  namespace           = "HealthSidecar"
  metric_name         = "FailingSeconds"
  dimensions          = { Service = var.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 60
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.release_topics
}

# Most hosts hold: something that they all use is in trouble. Replace none.
resource "aws_cloudwatch_metric_alarm" "fleet_holding" {
  alarm_name          = "${var.name}-fleet-holding"
  alarm_description   = "More than half of the hosts serve on a hold: repair what they share, and replace none of them."
  namespace           = "HealthSidecar"
  metric_name         = "Holding"
  dimensions          = { Service = var.name }
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.5
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.shared_topics
}

# Nobody writes: the hosts are gone, or their log no longer reaches CloudWatch.
resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name          = "${var.name}-silent"
  alarm_description   = "No host has written metrics for 5 minutes: look at the hosts, the log's agent and its rights."
  namespace           = "HealthSidecar"
  metric_name         = "Serving"
  dimensions          = { Service = var.name }
  statistic           = "SampleCount"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = var.shared_topics
}

output "release_alarms" {
  description = "Names of the alarms that stop an instance refresh"
  value = [
    aws_cloudwatch_metric_alarm.stuck_starting.alarm_name,
    aws_cloudwatch_metric_alarm.failing.alarm_name,
  ]
}
