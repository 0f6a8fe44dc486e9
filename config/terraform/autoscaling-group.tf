# When to use it: a scaling group makes the hosts, and shall replace those that the sidecar takes out, and let none in that
# has not proved itself.
# What to change: the sizes, the instance's type, and which balancer it is (delete the other one's line). What holds the
# names together: `name` of the group and of the hook are also in ../user-data/cloud-config.yaml.

resource "aws_autoscaling_group" "app" {
  name                = var.name
  min_size            = 2
  max_size            = 6
  vpc_zone_identifier = var.subnet_ids
  load_balancers      = [aws_elb.app.name]            # classic-elb.tf
  target_group_arns   = [aws_lb_target_group.app.arn] # alb-target-group.tf

  # The balancer's verdict, not only EC2's: a host that it has taken out (after 150 s of 503) is replaced. So is one that an
  # operator drains by hand or reboots, unless it is in Standby by then (`aws autoscaling enter-standby`).
  # The grace is longer than the app takes to boot (180 s here) plus the 90 s of the sidecar's rounds: it counts from when a
  # host comes into service, and the hook below does not hold one that comes back from Standby. Always give it: a group that
  # is made through the API or the command line has none.
  health_check_type         = "ELB"
  health_check_grace_period = 300

  # how long Terraform waits for hosts that pass: longer than the hook below may hold one
  wait_for_capacity_timeout = "20m"

  launch_template {
    id      = aws_launch_template.app.id
    version = aws_launch_template.app.latest_version
  }

  # A new host is held here, outside the balancer, until it says that its sidecar answers 200. One that does not in 15
  # minutes is abandoned, and another is made. "initial_" so that the very first hosts are held too; for a group that
  # exists already, use the resource aws_autoscaling_lifecycle_hook with the same arguments.
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

  # IMDSv2 alone. A sidecar in a container that asks for imds:local-ipv4 needs a hop limit of 2.
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

# Of the hosts: the balancer alone may ask for /health on port 80, and for pages.
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

# What the host may do for itself: end its own hook.
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
