// Package actiontype describes the action types of CodePipeline: it declares
// custom ones, compares a declaration with the account, and knows the types
// that the service provides.
//
//	lint := actiontype.Type{
//		Category: "Test", Provider: "Lint", Version: "1",
//		Properties: []actiontype.Property{{Name: "Level", Required: true}},
//		Inputs:     actiontype.ArtifactCount{Min: 1, Max: 1},
//	}
//	created, err := lint.Ensure(ctx, awscodepipeline.NewFromConfig(cfg))
//
// [Type.Ensure] creates a custom action type unless it exists. CodePipeline
// cannot change one: if the existing definition differs, Ensure returns a
// [*ChangedError] with the differences and the next free version. [List] returns
// the types of an account and Region.
//
// [BuiltIn] and [RuleTypes] are a catalogue of the action types and rule types that
// CodePipeline provides itself, as data: their properties with the values that they
// accept, the numbers of their artifacts, and their output variables. [Find] returns
// one of them. The catalogue follows the documentation as of [CatalogueDate]; List
// and [ListRules] return what an account has today, [ParseList] reads it from the
// output of the AWS CLI, and [CompareCatalogue] says what the catalogue lacks.
//
// # Permissions
//
// The IAM actions are named after the API operations:
//
//   - [List]: codepipeline:ListActionTypes
//   - [ListRules]: codepipeline:ListRuleTypes
//   - [Type.Create]: codepipeline:CreateCustomActionType, and
//     codepipeline:TagResource if the type has tags
//   - [Type.Ensure]: those of List and Create
//
// # Limits
//
// An account has at most 50 custom action types in a Region. A custom action
// type has at most 10 configuration properties, one of them queryable, and at
// most 5 input and 5 output artifacts.
package actiontype
