# When to use it: the hosts have `log.emf`, and a dashboard in CloudWatch is wanted. ../grafana has one for Prometheus.
# What to change: nothing.

resource "aws_cloudwatch_dashboard" "fleet" {
  dashboard_name = "${var.name}-health-sidecar"
  dashboard_body = <<-JSON
    {
      "widgets": [
        {
          "type": "metric",
          "x": 0, "y": 0, "width": 12, "height": 6,
          "properties": {
            "title": "Hosts",
            "region": "${var.region}",
            "view": "timeSeries",
            "period": 60,
            "yAxis": { "left": { "min": 0 } },
            "metrics": [
              ["HealthSidecar", "Serving", "Service", "${var.name}", { "stat": "SampleCount", "label": "all" }],
              ["...", { "stat": "Sum", "label": "in service" }],
              [".", "Holding", ".", ".", { "stat": "Sum", "label": "of them on a hold" }],
              [".", "Starting", ".", ".", { "stat": "Sum", "label": "starting" }],
              [".", "Draining", ".", ".", { "stat": "Sum", "label": "draining" }]
            ]
          }
        },
        {
          "type": "metric",
          "x": 12, "y": 0, "width": 12, "height": 6,
          "properties": {
            "title": "The longest start and the longest failure of one host",
            "region": "${var.region}",
            "view": "timeSeries",
            "period": 60,
            "yAxis": { "left": { "min": 0 } },
            "annotations": { "horizontal": [{ "label": "stops an instance refresh", "value": 600 }] },
            "metrics": [
              ["HealthSidecar", "StartingSeconds", "Service", "${var.name}", { "stat": "Maximum", "label": "starting" }],
              [".", "FailingSeconds", ".", ".", { "stat": "Maximum", "label": "failing" }]
            ]
          }
        },
        {
          "type": "metric",
          "x": 0, "y": 6, "width": 12, "height": 6,
          "properties": {
            "title": "From the start to the first 200",
            "region": "${var.region}",
            "view": "timeSeries",
            "period": 300,
            "yAxis": { "left": { "min": 0 } },
            "metrics": [
              ["HealthSidecar", "AdmittedAfterSeconds", "Service", "${var.name}", { "stat": "Average", "label": "average" }],
              ["...", { "stat": "Maximum", "label": "longest" }]
            ]
          }
        },
        {
          "type": "metric",
          "x": 12, "y": 6, "width": 12, "height": 6,
          "properties": {
            "title": "Probes and changes of the answer",
            "region": "${var.region}",
            "view": "timeSeries",
            "period": 60,
            "yAxis": { "left": { "min": 0 } },
            "metrics": [
              ["HealthSidecar", "ProbesPassed", "Service", "${var.name}", { "stat": "Sum", "label": "200" }],
              [".", "ProbesFailed", ".", ".", { "stat": "Sum", "label": "503" }],
              [".", "AnswerChanges", ".", ".", { "stat": "Sum", "label": "changes", "yAxis": "right" }],
              [".", "DroppedLogLines", ".", ".", { "stat": "Sum", "label": "dropped lines", "yAxis": "right" }]
            ]
          }
        },
        {
          "type": "log",
          "x": 0, "y": 12, "width": 24, "height": 6,
          "properties": {
            "title": "What changed, and why",
            "region": "${var.region}",
            "view": "table",
            "query": "SOURCE '${var.log_group_name}' | fields time, host, release, msg | filter event in ['verdict.changed', 'check.changed'] and status != 'pass' | sort time desc | limit 50"
          }
        }
      ]
    }
  JSON
}
