package repotest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"go/ast"
	"log/slog"
	"path"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// hunter is the secret that no value may show.
const hunter = "hunter2-Hunter2/of+nobody="

// secretFields matches the fields whose values are secrets, or hold some.
var secretFields = regexp.MustCompile(`^(?:Credentials|SecretAccessKey|SessionToken|Token|Configuration|UserParameters)$`)

// notSecret are the fields that secretFields matches and that hold no secrets.
var notSecret = map[string]string{
	"pipeline.StartOptions.Token":                "makes a start idempotent",
	"pipeline.ActionExecution.Configuration":     "CodePipeline replaces its secrets by asterisks",
	"pipeline.RuleExecution.Configuration":       "CodePipeline has no secrets in rules, and replaces those of actions",
	"definition.Custom.Configuration":            "a structure, whose secrets CodePipeline replaces by asterisks",
	"definition.LambdaInvoke.UserParameters":     "a structure, which CodePipeline shows to its readers",
	"definition.LambdaInvokeRule.UserParameters": "a structure, which CodePipeline shows to its readers",
}

// withSecrets returns values of the types that have such fields, and of those
// that hide their secrets in fields that are not exported.
func withSecrets() []any {
	var filled []any
	for _, v := range []any{
		new(action.Credentials), new(action.Details),
		new(events.ApprovalRequest), new(events.Job), new(events.JobCredentials), new(pipeline.Approval),
	} {
		fill(reflect.ValueOf(v).Elem(), "")
		filled = append(filled, v)
	}
	details := *filled[1].(*action.Details)
	job := action.NewJob(details)
	token := githubstatus.Token(hunter)
	return append(filled, job, job.Credentials(), token, githubstatus.New(token), githubstatus.New(token).Checks())
}

// fill puts the secret into each field for one, and into all that is below it.
func fill(v reflect.Value, field string) {
	secret := secretFields.MatchString(field)
	switch v.Kind() {
	case reflect.String:
		if secret {
			v.SetString(hunter)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[events.Secret]() {
			v.Set(reflect.ValueOf(events.NewSecret(hunter)))
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i), f.Name)
			}
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), field)
		}
	case reflect.Map:
		if secret && v.Type() == reflect.TypeFor[map[string]string]() {
			v.Set(reflect.ValueOf(map[string]string{"Password": hunter}))
		}
	}
}

// plain are the types whose exported fields are the secrets as texts. In a field
// that is not exported fmt shows them, as it calls no methods there: their
// documentation says so.
var plain = map[reflect.Type]bool{
	reflect.TypeFor[*action.Credentials](): true,
	reflect.TypeFor[*action.Details]():     true,
}

// shown returns all texts in which a program may show the value.
func shown(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	wrapped := []any{v, &v, []any{v}, map[string]any{"v": v}, struct{ V any }{v}}
	if !plain[reflect.TypeOf(v)] {
		wrapped = append(wrapped, struct{ v any }{v})
	}
	// A copy of a value, except of one that is made by a constructor only.
	switch value := reflect.ValueOf(v); {
	case value.Kind() == reflect.Pointer && value.Elem().NumField() > 0 && value.Elem().Type().Field(0).IsExported():
		element := value.Elem().Interface()
		wrapped = append(wrapped, element, []any{element}, struct{ V any }{element})
		if !plain[reflect.TypeOf(v)] {
			wrapped = append(wrapped, struct{ v any }{element})
		}
	}
	for _, w := range wrapped {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%o", "%U", "%c", "%e", "%g", "%b"} {
			fmt.Fprintf(&b, verb+"\n", w)
		}
		fmt.Fprintln(&b, w)
		if data, err := json.Marshal(w); err == nil {
			b.Write(data)
		}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			slog.New(handler).Info("shown", "value", w, slog.Group("group", "value", w))
			slog.New(handler.WithAttrs([]slog.Attr{slog.Any("value", w)})).Info("shown")
		}
	}
	return b.String()
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	for _, v := range withSecrets() {
		t.Run(fmt.Sprintf("%T", v), func(t *testing.T) {
			t.Parallel()
			text := strings.ToLower(shown(t, v))
			decimal := strings.Trim(fmt.Sprint([]byte(hunter[:12])), "[]")
			for _, form := range []string{
				"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%x", "Hunter2"), fmt.Sprintf("% x", "Hunter2"), decimal,
				strings.ToLower(base64.StdEncoding.EncodeToString([]byte(hunter))[:12]),
			} {
				if i := strings.Index(text, form); i >= 0 {
					t.Errorf("the secret is shown as %q: …%.200s", form, text[max(0, i-80):])
				}
			}
		})
	}
}

// TestTypesWithSecrets checks that the test above has a value of each type with
// secrets.
func TestTypesWithSecrets(t *testing.T) {
	t.Parallel()
	tested := make(map[string]bool)
	for _, v := range withSecrets() {
		tested[strings.TrimPrefix(fmt.Sprintf("%T", v), "*")] = true
	}
	types := 0
	for dir, files := range byFolder(t) {
		if !isPublic(dir) || isForTests(dir) {
			continue
		}
		for _, s := range files {
			ast.Inspect(s.File, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok || !spec.Name.IsExported() {
					return true
				}
				structure, ok := spec.Type.(*ast.StructType)
				if !ok {
					return true
				}
				name := path.Base(dir) + "." + spec.Name.Name
				for _, f := range structure.Fields.List {
					for _, n := range f.Names {
						if n.IsExported() && secretFields.MatchString(n.Name) && notSecret[name+"."+n.Name] == "" {
							types++
							if !tested[name] {
								t.Errorf("%s: the field %s of %s holds secrets, and no test shows that they are hidden", s.position(n.Pos()), n.Name, name)
							}
						}
					}
				}
				return true
			})
		}
	}
	if types < 5 {
		t.Errorf("there are %d fields with secrets: are they called otherwise now?", types)
	}
}
