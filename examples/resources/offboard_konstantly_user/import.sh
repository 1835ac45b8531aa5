terraform import offboard_konstantly_user.ines u7k2m9
terraform import 'offboard_konstantly_user.authors["otto"]' u8x3p1
