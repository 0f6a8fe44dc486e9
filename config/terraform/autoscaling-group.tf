# When to use it: a scaling group makes the hosts. It replaces those that the sidecar takes out, and admits none before the
# sidecar's first 200.
# What to change: the sizes, the instance's type, and the balancer (delete the other one's line). The names of the group and
# of the hook are also in ../user-data/cloud-config.yaml: keep them equal.

resource "aws_autoscaling_group" "app" {
  name                = var.name
  min_size            = 2
  max_size            = 6
  vpc_zone_identifier = var.subnet_ids
  load_balancers      = [aws_elb.app.name]            # classic-elb.tf
  target_group_arns   = [aws_lb_target_group.app.arn] # alb-target-group.tf

  # The balancer's verdict counts, not only EC2's: the group replaces a host that the balancer has taken out (after 150 s of
  # 503). It also replaces a host that an operator drains or reboots, unless that is in Standby by then
  # (`aws autoscaling enter-standby`).
  # The grace period must be longer than the app's boot (180 s here) plus the 90 s of the sidecar's rounds. It counts from the
  # moment when a host comes into service, and the hook below does not delay a host that comes back from Standby. Always set
  # it: a group that is made through the API or the command line has none.
  health_check_type         = "ELB"
  health_check_grace_period = 300

  # how long Terraform waits until hosts pass; longer than the hook below may delay a host
  wait_for_capacity_timeout = "20m"

  launch_template {
    id      = aws_launch_template.app.id
    version = aws_launch_template.app.latest_version
  }

  # A new version of the launch template replaces the hosts. By itself that goes on with a broken release, and nothing is put
  # back. Here it stops at the sidecar's alarms (cloudwatch.tf), and the version of before comes back. Delete this block if
  # something else replaces the hosts.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      # A host leaves once its successor is in service and has not failed for two minutes: longer than the alarm `failing` takes.
      min_healthy_percentage = 100
      max_healthy_percentage = 150
      instance_warmup        = 120
      auto_rollback          = true

      alarm_specification {
        alarms = module.cloudwatch.release_alarms
      }
    }
  }

  # A new host waits here, outside the balancer, until it reports that its sidecar answers 200. After 15 minutes without that
  # report, the group abandons the host and makes another one. "initial_" covers the very first hosts too. For an existing
  # group, use the resource aws_autoscaling_lifecycle_hook with the same arguments.
  initial_lifecycle_hook {
    name                 = "until-healthy"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
    heartbeat_timeout    = 900
    default_result       = "ABANDON"
  }
}

resource "aws_launch_template" "app" {
  name                   = var.name
  image_id               = var.image_id
  instance_type          = "t3.small"
  vpc_security_group_ids = [aws_security_group.host.id]
  user_data              = filebase64("${path.module}/../user-data/cloud-config.yaml")

  iam_instance_profile {
    name = aws_iam_instance_profile.host.name
  }

  # IMDSv2 only. A sidecar in a container with `host: imds:local-ipv4` needs a hop limit of 2.
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

# The hosts' security group: only the balancer may ask for /health on port 80, and for pages.
resource "aws_security_group" "host" {
  name   = "${var.name}-host"
  vpc_id = var.vpc_id

  ingress {
    description     = "Probes, to the sidecar"
    from_port       = 80
    to_port         = 80
    protocol        = "tcp"
    security_groups = [aws_security_group.balancer.id]
  }

  ingress {
    description     = "Pages, to the app"
    from_port       = var.app_port
    to_port         = var.app_port
    protocol        = "tcp"
    security_groups = [aws_security_group.balancer.id]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# The host may complete its own hook, and nothing else.
resource "aws_iam_role" "host" {
  name = "${var.name}-host"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "complete_launch" {
  name = "complete-launch"
  role = aws_iam_role.host.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "autoscaling:CompleteLifecycleAction"
      Resource = "arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/${var.name}"
    }]
  })
}

resource "aws_iam_instance_profile" "host" {
  name = "${var.name}-host"
  role = aws_iam_role.host.name
}
