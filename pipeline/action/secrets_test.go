package action_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

const (
	secretKey      = "wJalrXUtnFEMI"
	secretToken    = "FwoGZXIvYXdzEBY"
	secretProperty = "correct-horse"
	secretValue    = "battery-staple"
)

// secretDetails have a secret wherever a job has one.
func secretDetails() action.Details {
	d := details()
	d.Credentials = action.Credentials{AccessKeyID: "ASIAQHIDDEN", SecretAccessKey: secretKey, SessionToken: secretToken}
	d.Configuration = map[string]string{"Plain": secretProperty, "UserParameters": `{"url":"x","auth":{"token":"` + secretValue + `"}}`}
	d.SecretKeys = []string{"Plain"}
	return d
}

// exportedTypes returns the names of the exported types of the package.
func exportedTypes(t *testing.T) map[string]bool {
	t.Helper()
	//lint:ignore SA1019 one folder without build tags
	packages, err := parser.ParseDir(token.NewFileSet(), ".", func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, file := range packages["action"].Files {
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.GenDecl); ok {
				for _, spec := range d.Specs {
					if typ, ok := spec.(*ast.TypeSpec); ok && typ.Name.IsExported() {
						found[typ.Name.Name] = true
					}
				}
			}
		}
	}
	return found
}

// No verb of fmt, no handler of slog and no JSON shows a secret of any type of
// the package, also where the value is part of another.
func TestNoTypeShowsSecrets(t *testing.T) {
	t.Parallel()
	d := secretDetails()
	job := action.NewJob(d)
	lambda := action.NewLambda(&fakeAPI{}, handler(nothing))
	values := map[string][]any{
		"Details":     {d, &d},
		"Credentials": {d.Credentials, &d.Credentials},
		"Job":         {job, job.Credentials()},
		"Lambda":      {lambda},
		"JobOptions":  {action.JobOptions{Refresh: func(context.Context) (*action.Details, error) { return &d, nil }}},
	}
	without := []string{ // types that hold no secrets but those that a handler puts there
		"API", "S3API", "ArchiveError", "Artifact", "CurrentRevision", "Failure", "FailureType", "Handler", "HandlerFunc",
		"LambdaOptions", "Limits", "Outcome", "PipelineContext", "Result",
	}
	all := exportedTypes(t)
	for name := range values {
		delete(all, name)
	}
	for _, name := range without {
		delete(all, name)
	}
	for name := range all {
		t.Errorf("type %s is not tested", name)
	}

	type exported struct{ V any }
	type hidden struct{ v any }
	type hiddenJob struct {
		job         *action.Job
		credentials aws.CredentialsProvider
	}
	for name, values := range values {
		for _, v := range values {
			forms := []any{v, exported{v}, &exported{v}, []any{v}, map[string]any{"v": v}, fmt.Errorf("wrapped: %v", v)}
			if name == "Job" || name == "Lambda" {
				forms = append(forms, hidden{v}, &hidden{v}, []hidden{{v}})
			}
			for _, form := range forms {
				checkHidden(t, fmt.Sprintf("%s in %T", name, form), form)
			}
		}
	}
	checkHidden(t, "hidden", hiddenJob{job, job.Credentials()})
	checkHidden(t, "hidden", &hiddenJob{job, job.Credentials()})
}

// checkHidden writes a value in all ways, and looks for secrets.
func checkHidden(t *testing.T, name string, v any) {
	t.Helper()
	check := func(how, text string) {
		t.Helper()
		for _, secret := range []string{"ASIAQHIDDEN", secretKey, secretToken, secretProperty, secretValue} {
			for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))), fmt.Sprint([]byte(secret))} {
				if strings.Contains(text, form) {
					t.Errorf("%s, %s: %s", name, how, text)
					return
				}
			}
		}
	}
	for _, flag := range []string{"", "+", "#", "-20", " ", "0", "# ", ".3"} {
		for verb := 'A'; verb <= 'z'; verb++ {
			// fmt calls no methods for %p and %w, which are for pointers and
			// errors alone: vet refuses them for the rest.
			if (verb <= 'Z' || verb >= 'a') && verb != 'p' && verb != 'w' {
				check("%"+flag+string(verb), fmt.Sprintf("%"+flag+string(verb), v))
			}
		}
	}
	if text, err := json.Marshal(v); err == nil {
		check("JSON", string(text))
	}
	for kind, newHandler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text log": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"JSON log": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var buf bytes.Buffer
		logger := slog.New(newHandler(&buf))
		logger.Info("x", "v", v)
		logger.Info("x", slog.Group("g", "v", v))
		logger.With("v", v).Info("x")
		check(kind, buf.String())
	}
}

// Secrets are taken out of messages in all forms that services and programs
// quote them in.
func TestRedact(t *testing.T) {
	t.Parallel()
	job := action.NewJob(secretDetails())
	for _, secret := range []string{secretKey, secretToken, secretProperty, secretValue} {
		for how, form := range map[string]string{
			"as it is":          secret,
			"upper case":        strings.ToUpper(secret),
			"base64":            base64.StdEncoding.EncodeToString([]byte(secret)),
			"base64 of a pair":  base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
			"base64 of URLs":    base64.RawURLEncoding.EncodeToString([]byte(secret)),
			"hexadecimal":       hex.EncodeToString([]byte(secret)),
			"upper hexadecimal": strings.ToUpper(hex.EncodeToString([]byte(secret))),
			"URL":               url.QueryEscape(secret + "/" + secret),
			"quoted":            fmt.Sprintf("%q", secret),
		} {
			text := "before " + form + " after"
			got := job.Redact(text)
			if strings.Contains(strings.ToLower(got), strings.ToLower(secret)) || strings.Contains(got, form) ||
				!strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
				t.Errorf("%s: %s", how, got)
			}
			outcome := action.Run(t.Context(), handler(func(context.Context, *action.Job) (*action.Result, error) {
				return nil, errors.New(text)
			}), action.NewJob(secretDetails()))
			if outcome.Failure.Message != got {
				t.Errorf("%s: the message is %q, want %q", how, outcome.Failure.Message, got)
			}
		}
	}
}

// Secrets are found within properties that are not secret as a whole.
func TestRedactWithin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, parameters string
	}{
		{"member", `{"token":"battery-staple"}`},
		{"within members", `{"db":{"Password":["battery-staple"]}}`},
		{"within a secret member", `{"secrets":{"a":{"b":"battery-staple"}}}`},
		{"JSON in JSON", `{"env":"{\"API_KEY\":\"battery-staple\"}"}`},
		{"list", `[{"accessKey":"battery-staple"}]`},
		{"command line", `deploy --password=battery-staple --verbose`},
		{"environment", "A=1;DB_PASSWORD='battery-staple'"},
		{"blank in front", ` {"token":"battery-staple"}`},
		{"list in a string", `{"args":"[{\"token\":\"battery-staple\"}]"}`},
		{"assignment in JSON", `{"env":"TOKEN=battery-staple"}`},
		{"name and value", `[{"name":"password","value":"battery-staple"}]`},
		{"option", `deploy --token battery-staple`},
		{"option in a list", `["deploy","--token","battery-staple"]`},
		{"pass", `{"DB_PASS":"battery-staple"}`},
		{"pwd", `{"pwd":"battery-staple"}`},
		{"auth", `{"auth":"battery-staple"}`},
		{"header", `{"header":"Authorization: Bearer battery-staple"}`},
		{"URL", `{"url":"postgres://u:battery-staple@h/db"}`},
		{"URL without a password", `https://battery-staple@example.com`},
		{"broken JSON", `{"token":battery-staple}`},
		{"YAML", "user: x\npassword: battery-staple\n"},
	} {
		d := details()
		d.Configuration = map[string]string{"UserParameters": tt.parameters}
		if got := action.NewJob(d).Redact("login with battery-staple failed"); got != "login with [redacted] failed" {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
	d := details()
	d.Configuration = map[string]string{"UserParameters": `{"token":987654321098}`}
	job := action.NewJob(d)
	if got := job.Redact("login with 987654321098"); got != "login with [redacted]" {
		t.Errorf("number: %s", got)
	}
	var parameters struct{ Token string }
	if err := job.DecodeUserParameters(&parameters); err == nil || strings.Contains(err.Error(), "9876") || !strings.Contains(err.Error(), "Token") {
		t.Errorf("the error has the number, or no field: %v", err)
	}
	d.Configuration = map[string]string{"UserParameters": `{"author":"octocat","count":12345,"url":"https://example.com","level":"debug"}`}
	if text := "https://example.com is down, level debug, 12345 of octocat"; action.NewJob(d).Redact(text) != text {
		t.Error("what is no secret was taken out")
	}
}
