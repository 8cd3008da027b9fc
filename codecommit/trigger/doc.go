// Package trigger keeps the triggers of a CodeCommit repository, one by one,
// over an API that replaces the whole list.
//
//	triggers := trigger.Open(cfg, "staging")
//	changed, err := triggers.Ensure(ctx, trigger.Trigger{
//		Name:        trigger.NameFor("ci", "feature/login"),
//		Destination: "arn:aws:lambda:eu-west-1:111122223333:function:updates",
//		Branches:    []string{"feature/login"},
//		Events:      []trigger.Event{trigger.EventUpdate},
//	})
//
// # Other managers
//
// PutRepositoryTriggers replaces all triggers and takes no version: whoever
// reads the list, changes it and writes it back undoes what another manager
// wrote in between. A [Set] reads the list right before each write, changes
// only the triggers that it is told to, and writes only if something changes.
// It reads the list again after the write and once more after [Options].Settle,
// and starts anew if its change is gone. Two managers that do so, in any number
// of processes, keep each other's triggers. A manager that does not read its
// triggers again can lose a change that it makes between the read and the write
// of a Set, which are one call apart.
//
// # Names
//
// [NameFor] names the trigger of a branch: a readable form of the branch and a
// short hash. [Branch] turns such a trigger back into its branch.
//
// # Permissions
//
//   - List: codecommit:GetRepositoryTriggers
//   - Ensure and Remove: also codecommit:PutRepositoryTriggers
//   - Test, and Ensure with [Options].TestFirst: also
//     codecommit:TestRepositoryTriggers, and codecommit:GetRepository to name
//     the repository's ARN in an error
//
// CodeCommit invokes a Lambda function only if the function's own policy allows
// it. The service accepts a trigger without that permission and then drops every
// event. [Set.Test] finds out, and its [*TestError] holds the command of the AWS
// CLI that grants the permission.
//
// # Limits
//
// A repository has at most 10 triggers, a trigger at most 10 branches. Names have
// 1 to 100 letters, digits, dots, underscores and hyphens, custom data has up to
// 1,000 characters. Destinations are Lambda functions and standard SNS topics.
// All of these are checked before a call. The service checks that a destination
// is in the Region of the repository.
//
// # Errors
//
// A failed call is a [*codecommit.Error] with the operation and the repository.
// Errors of the package's own checks start with "trigger:".
package trigger
