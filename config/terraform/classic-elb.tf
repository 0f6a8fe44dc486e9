# When to use it: the hosts are behind a Classic Load Balancer. For an Application Load Balancer: alb-target-group.tf.
# What to change: the listener. Port 80 of the hosts is the sidecar's, so the app has another one (or is behind nginx,
# as in ../nginx/in-front.conf: then instance_port is 80 too).

resource "aws_elb" "app" {
  name            = var.name
  subnets         = var.subnet_ids
  security_groups = [aws_security_group.balancer.id]

  # what a host that leaves has for the requests under way
  connection_draining         = true
  connection_draining_timeout = 60

  listener {
    lb_protocol        = "https"
    lb_port            = 443
    ssl_certificate_id = var.certificate_arn
    instance_protocol  = "http"
    instance_port      = var.app_port
  }

  # Out after 10 failures in 150 s, and in after 2 passes. The sidecar answers within 4 s (`deadline`), so that the 5 s
  # here are never what decides. A Classic ELB passes on 200 alone.
  health_check {
    target              = "HTTP:80/health"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 10
  }
}
