package ec2build

import (
	"fmt"
	"math"
	"time"
)

// userData returns the user data of an instance: it makes the instance shut down
// after the time, which terminates it, and runs the boot script, if there is one. It
// works without Systems Manager and without a network.
func userData(platform Platform, after time.Duration, boot string) string {
	minutes := int(math.Ceil(after.Minutes()))
	if platform == PlatformWindows {
		return fmt.Sprintf(windowsUserData, minutes, boot)
	}
	return fmt.Sprintf(linuxUserData, minutes, minutes*60, boot)
}

const linuxUserData = `#!/bin/bash
# Ends the instance if nothing else does: a shutdown terminates it.
shutdown -P +%d 'codesuite: the build takes too long' ||
	{ nohup sh -c 'sleep %d; poweroff -f' >/dev/null 2>&1 & }
%s
`

const windowsUserData = `<powershell>
# Ends the instance if nothing else does: a shutdown terminates it.
$action = New-ScheduledTaskAction -Execute 'shutdown.exe' -Argument '/s /f /t 0'
$trigger = New-ScheduledTaskTrigger -Once -At (Get-Date).AddMinutes(%d)
Register-ScheduledTask -TaskName 'codesuite' -Action $action -Trigger $trigger -User 'SYSTEM' -RunLevel Highest -Force
%s
</powershell>
`
