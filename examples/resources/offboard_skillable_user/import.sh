terraform import offboard_skillable_user.ines emp-3107
