# When to use it: the hosts are behind a Classic Load Balancer. For an Application one, use alb-target-group.tf.
# What to change: the listener. Port 80 of the hosts is the sidecar's, so the app has another port. (Behind nginx, as in
# ../nginx/in-front.conf, instance_port is 80 too.)

resource "aws_elb" "app" {
  name            = var.name
  subnets         = var.subnet_ids
  security_groups = [aws_security_group.balancer.id]

  # the seconds that a host that leaves has for its requests in flight
  connection_draining         = true
  connection_draining_timeout = 60

  listener {
    lb_protocol        = "https"
    lb_port            = 443
    ssl_certificate_id = var.certificate_arn
    instance_protocol  = "http"
    instance_port      = var.app_port
  }

  # Out after 10 failures in 150 s, in after 2 passes. The sidecar answers within 4 s (`deadline`), so this timeout of 5 s
  # never decides. For a Classic ELB, only 200 is a pass.
  health_check {
    target              = "HTTP:80/health"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 10
  }
}
