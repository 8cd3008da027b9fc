package awsjson_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

func TestValidation(t *testing.T) {
	t.Parallel()
	lower := regexp.MustCompile(`^[a-z]+$`)
	for name, test := range map[string]struct {
		check func(*awsjson.Validation)
		want  string // part of the error, "" for none
	}{
		"nothing":               {func(*awsjson.Validation) {}, ""},
		"an optional text":      {func(v *awsjson.Validation) { v.Text("m", nil, false, 1, 3, lower) }, ""},
		"a missing text":        {func(v *awsjson.Validation) { v.Text("m", nil, true, 1, 3, lower) }, "'m' failed to satisfy constraint: Member must not be null"},
		"a short text":          {func(v *awsjson.Validation) { v.Text("m", aws.String(""), true, 1, 3, lower) }, "greater than or equal to 1"},
		"characters, not bytes": {func(v *awsjson.Validation) { v.Text("m", aws.String("äöü"), true, 1, 3, nil) }, ""},
		"a long text":           {func(v *awsjson.Validation) { v.Text("m", aws.String("abcd"), true, 1, 3, lower) }, "less than or equal to 3"},
		"another pattern":       {func(v *awsjson.Validation) { v.Text("m", aws.String("A"), true, 1, 3, lower) }, "regular expression pattern: [a-z]+"},
		"a UUID":                {func(v *awsjson.Validation) { v.UUID("id", aws.String(awsjson.UUID("a")), true) }, ""},
		"no UUID":               {func(v *awsjson.Validation) { v.UUID("id", aws.String(strings.Repeat("x", 36)), true) }, "regular expression"},
		"an enum":               {func(v *awsjson.Validation) { v.Enum("m", aws.String("A"), "A", "B") }, ""},
		"no enum":               {func(v *awsjson.Validation) { v.Enum("m", aws.String("C"), "A", "B") }, "enum value set: [A, B]"},
		"a missing enum":        {func(v *awsjson.Validation) { v.Enum("m", nil, "A", "B") }, "must not be null"},
		"a small number":        {func(v *awsjson.Validation) { v.Page(aws.Int32(0), 100, nil) }, "'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		"a large number":        {func(v *awsjson.Validation) { v.Page(aws.Int32(101), 100, nil) }, "less than or equal to 100"},
		"an empty token":        {func(v *awsjson.Validation) { v.Page(nil, 100, aws.String("")) }, "'nextToken'"},
		"two violations": {func(v *awsjson.Validation) {
			v.Present("a", false)
			v.Fail("b", "Member must be %d", 2)
		}, "2 validation errors detected: Value at 'a' failed to satisfy constraint: Member must not be null; Value at 'b' failed to satisfy constraint: Member must be 2"},
	} {
		var v awsjson.Validation
		test.check(&v)
		err := v.Err()
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "ValidationException: ") || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want a ValidationException with %q", name, err, test.want)
		}
	}
}
