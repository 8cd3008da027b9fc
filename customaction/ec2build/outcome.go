package ec2build

import (
	"strconv"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// resultSucceeded is the type of a result that is no failure.
const resultSucceeded = "Succeeded"

// unreported follows the failure type in the error of an execution whose result
// CodePipeline has not taken.
const unreported = ".Unreported"

// An ending is what a command that has ended means for the job.
type ending struct {
	status  string             // of the command on the instance
	details string             // the same more closely, without spaces; "" is all others
	failure action.FailureType // "" is none
	message string             // an expression
}

// endings are all statuses in which a command has ended. In their expressions,
// $where names the command and $tail is the end of its output.
var endings = []ending{
	{"Success", "", "", `"built on instance " & $instance & " (" & $in.Launches[$launch].InstanceType & "), command " & $command`},
	{"Failed", "Undeliverable", action.FailureTypeSystemUnavailable, `"Systems Manager could not deliver the command" & $where & ": the agent does not answer"`},
	{"Failed", "Terminated", action.FailureTypeSystemUnavailable, `"Systems Manager terminated the command" & $where`},
	{"Failed", "RateExceeded", action.FailureTypeSystemUnavailable, `"Systems Manager has too many commands: it refused the one" & $where`},
	{"Failed", "InvalidPlatform", action.FailureTypeConfigurationError, `"the document " & $in.Command.DocumentName & " is not made for the platform of the image: the command" & $where & " did not run"`},
	{"Failed", "AccessDenied", action.FailureTypePermissionError, `"Systems Manager was denied access to run the command" & $where`},
	{"Failed", "", action.FailureTypeJobFailed, `"the command failed with exit code " & $r.ResponseCode & $where & $tail`},
	{"TimedOut", "DeliveryTimedOut", action.FailureTypeSystemUnavailable, `"Systems Manager could not deliver the command in time" & $where`},
	{"TimedOut", "", action.FailureTypeJobFailed, `"the command ran out of its " & $in.Timeout & " seconds" & $where & $tail`},
	{"Cancelled", "", action.FailureTypeJobFailed, `"somebody cancelled the command" & $where & $tail`},
}

// noResult is the expression of a result that is not known yet.
const noResult = `{"Type": "", "Message": ""}`

// resultOf returns the expression of a result. Its message is cut to what both
// CodePipeline and its console show.
func resultOf(failure action.FailureType, message string) string {
	typ := string(failure)
	if failure == "" {
		typ = resultSucceeded
	}
	return `{"Type": ` + strconv.Quote(typ) + `, "Message": $substring(` + message + `, 0, 3000)}`
}

// commandResult returns the expression of the result for a reply of
// GetCommandInvocation, by the table.
func commandResult() string {
	var b strings.Builder
	b.WriteString(`($r := $states.result; $details := $replace("" & $r.StatusDetails, " ", ""); ` +
		`$where := " on instance " & $instance & " (command " & $command & ", log group " & $in.LogGroup & ")"; ` +
		`$output := $trim("" & $r.StandardErrorContent) != "" ? $trim("" & $r.StandardErrorContent) : $trim("" & $r.StandardOutputContent); ` +
		`$tail := $output = "" ? "" : ": " & ($length($output) > 2000 ? "…" & $substring($output, $length($output) - 2000) : $output); `)
	for _, e := range endings {
		b.WriteString(`$r.Status = ` + strconv.Quote(e.status))
		if e.details != "" {
			b.WriteString(` and $details = ` + strconv.Quote(e.details))
		}
		b.WriteString(` ? ` + resultOf(e.failure, e.message) + ` : `)
	}
	b.WriteString(noResult + `)`)
	return b.String()
}

// Conditions on $fault, the error of a task. AWS SDK integrations give errors of
// EC2 without their code, hence the texts.
const (
	isCapacity = `$contains($fault, /capacity|not supported in your requested Availability Zone|configuration is currently not supported|free addresses|more instances|spot ?instance ?count|spot request price/i)`
	isDenied   = `$contains($fault, /not authorized|access ?denied|UnauthorizedOperation/i)`
	isRefused  = `$contains($fault, /Status Code: 4/) and $not($contains($fault, /rate exceeded|request ?limit ?exceeded|throttl|too many requests|Status Code: 429/i))`
)
