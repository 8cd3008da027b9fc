package events_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
)

// Nothing that prints, logs or encodes an event shows its secrets, however the
// event is held.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const key, token, link, parameters = "wJalrXUtnFEMI", "5F0o1a9c2d", "https://console.aws.amazon.com/approve/5F0o1a9c2d", "db-password"
	secrets := []string{key, token, parameters, "AKIAID"}
	job := decode[*events.Job](t, `{"CodePipeline.job":{"id":"j-1","accountId":"1","data":{"actionConfiguration":{"configuration":{"FunctionName":"f","UserParameters":"`+parameters+`"}},`+
		`"artifactCredentials":{"accessKeyId":"AKIAID","secretAccessKey":"`+key+`","sessionToken":"`+key+`","expirationTime":1575493418000.0,"new":"`+key+`"}}}}`)
	odd := decode[*events.Job](t, `{"CodePipeline.job":{"id":"j-2","data":{"artifactCredentials":["`+key+`"],"actionConfiguration":{"configuration":{"UserParameters":{"a":"`+parameters+`"}}}}}}`)
	twice := decode[*events.Job](t, `{"CodePipeline.job":{"id":"j-3","data":{"artifactCredentials":{"sessionToken":"`+key+`","sessionToken":"`+key+`"}}}}`)
	approval := decode[*events.ApprovalRequest](t, `{"region":"r","consoleLink":"l","approval":{"pipelineName":"web","token":"`+token+`","approvalReviewLink":"`+link+`"}}`)
	shapes := map[string]events.Event{}
	for name, data := range map[string]string{
		"configuration in a list":     `{"actionConfiguration":[{"configuration":{"UserParameters":"` + parameters + `"}}]}`,
		"configuration as text":       `{"actionConfiguration":{"configuration":"` + parameters + `"}}`,
		"action configuration text":   `{"actionConfiguration":"` + parameters + `"}`,
		"data as text":                `"` + parameters + `"`,
		"data as list":                `["` + parameters + `"]`,
		"parameters in another case":  `{"actionConfiguration":{"configuration":{"UserParameters":"p","userParameters":"` + parameters + `"}}}`,
		"credentials in another case": `{"ArtifactCredentials":{"secretAccessKey":"` + key + `"},"artifactCredentials":"` + key + `"}`,
	} {
		shapes["job with "+name] = decode[*events.Job](t, `{"CodePipeline.job":{"id":"j-5","data":`+data+`}}`)
	}
	shapes["approval with more"] = decode[*events.ApprovalRequest](t, `{"region":"r","consoleLink":"l","approval":{"pipelineName":"web","token":"t","Token":"`+token+`","approvalReviewLink":["`+link+`"]}}`)
	built := &events.Job{ID: "j-4", UserParameters: events.NewSecret(parameters), Credentials: events.JobCredentials{SecretAccessKey: events.NewSecret(key)}}

	type exported struct{ V any }
	type hidden struct{ v any }
	type hiddenJob struct{ j events.Job }
	type hiddenApproval struct{ a events.ApprovalRequest }
	values := map[string]any{
		"credentials": job.Credentials, "credentials in a hidden field": struct{ s events.Secret }{job.Credentials.SecretAccessKey},
		"job in a hidden field": hiddenJob{*job}, "approval in a hidden field": hiddenApproval{*approval}, "secret": approval.Token,
	}
	for name, e := range shapes {
		values[name], values[name+" in a hidden interface"] = e, hidden{e}
	}
	for name, e := range map[string]events.Event{"job": job, "odd job": odd, "job with a member twice": twice, "approval": approval, "built job": built} {
		values[name] = e
		values[name+" in a hidden interface"] = hidden{e}
		values["problems of "+name] = e.Problems()
	}
	values["job value"], values["approval value"] = *job, *approval
	for name, v := range values {
		for how, held := range map[string]any{"": v, " in a struct": exported{v}, " in a slice": []any{v}, " in a map": map[string]any{"a": v}} {
			t.Run(name+how, func(t *testing.T) {
				t.Parallel()
				var out bytes.Buffer
				for verb := 'A'; verb <= 'z'; verb++ {
					for _, flag := range []string{"", "+", "#"} {
						fmt.Fprintf(&out, "%"+flag+string(verb)+"\n", held)
					}
				}
				slog.New(slog.NewJSONHandler(&out, nil)).Info("got", "v", held, slog.Group("g", "v", held))
				slog.New(slog.NewTextHandler(&out, nil)).Info("got", "v", held, slog.Group("g", "v", held))
				text, err := json.Marshal(held)
				if err != nil {
					t.Fatal(err)
				}
				out.Write(text)
				for _, s := range secrets {
					for _, form := range []string{s, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))), base64.StdEncoding.EncodeToString([]byte(s))[:8]} {
						if i := strings.Index(out.String(), form); i >= 0 {
							t.Errorf("shows %s: %.200s", s, out.String()[max(0, i-100):])
						}
					}
				}
			})
		}
	}
	if !strings.Contains(string(job.Raw()), key) || !strings.Contains(string(approval.Raw()), link) {
		t.Error("Raw has no secrets")
	}
	if job.Credentials.SessionToken.Reveal() != key || approval.ApprovalReviewLink.Reveal() != link || !approval.Token.Equal(events.NewSecret(token)) {
		t.Error("the secrets are not revealed")
	}
	if expires, err := job.Credentials.ExpirationTime.Time(); err != nil || expires.UnixMilli() != 1575493418000 {
		t.Errorf("expires %v, %v", expires, err)
	}
	if s := fmt.Sprint(job); s != "CodePipeline Job j-1" {
		t.Errorf("the job is shown as %s", s)
	}
}

// An encoded event can be decoded, with the secrets left out.
func TestSecretsEncoded(t *testing.T) {
	t.Parallel()
	job := decode[*events.Job](t, `{"CodePipeline.job":{"id":"j-1","data":{"actionConfiguration":{"configuration":{"UserParameters":"p"}},"artifactCredentials":{"accessKeyId":"A","sessionToken":"s","expirationTime":1575493418000},"continuationToken":"deployment d-1","more":1}}}`)
	text, err := job.MarshalJSON()
	want := `{"CodePipeline.job":{"id":"j-1","data":{"actionConfiguration":{"configuration":{"UserParameters":"(secret left out)"}},` +
		`"artifactCredentials":{"accessKeyId":"(secret left out)","sessionToken":"(secret left out)","expirationTime":1575493418000},"continuationToken":"deployment d-1","more":1}}}`
	if string(text) != want || err != nil {
		t.Errorf("got  %s, %v\nwant %s", text, err, want)
	}
	checkRoundTrip(t, job)
	for _, payload := range []string{
		`{"CodePipeline.job":{"id":"j","data":{"actionConfiguration":{"configuration":{"UserParameters":null}},"artifactCredentials":null}}}`,
		`{"CodePipeline.job":{"id":"j","data":{"artifactCredentials":{}}}}`,
		`{"region":"r","approval":{"token":""}}`,
	} {
		e, err := events.Decode([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := e.MarshalJSON(); string(text) != payload || err != nil {
			t.Errorf("%s became %s, %v", payload, text, err)
		}
	}
}

const secretValue = "k9/wJalrXUtnFEMI"

// secretHolders are the ways in which a secret is held by a value that somebody
// prints.
func secretHolders() map[string]any {
	s := events.NewSecret(secretValue)
	type exported struct{ S events.Secret }
	type hidden struct{ s events.Secret }
	type hiddenPointer struct{ s *exported }
	return map[string]any{
		"value":             s,
		"pointer":           &s,
		"struct":            exported{s},
		"pointer to struct": &exported{s},
		"hidden":            hidden{s},
		"pointer to hidden": &hidden{s},
		"hidden pointer":    hiddenPointer{&exported{s}},
		"slice":             []events.Secret{s},
		"slice of hidden":   []hidden{{s}},
		"map":               map[string]exported{"a": {s}},
		"map key":           map[events.Secret]int{s: 1},
		"any":               []any{s, &s, exported{s}},
	}
}

// No encoder shows a secret, whatever holds it.
func TestSecretHolders(t *testing.T) {
	t.Parallel()
	for name, v := range secretHolders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(how, text string) {
				t.Helper()
				for _, shown := range []string{secretValue, fmt.Sprintf("%x", secretValue), fmt.Sprintf("%X", secretValue), fmt.Sprintf("% x", secretValue), fmt.Sprint([]byte(secretValue)), fmt.Sprintf("%q", secretValue)} {
					if strings.Contains(text, strings.Trim(shown, "[]")) {
						t.Errorf("%s shows the secret: %s", how, text)
					}
				}
			}
			for verb := rune('A'); verb <= 'z'; verb++ {
				for _, flags := range []string{"", "+", "#", " ", "#+", "-30", ".40"} {
					format := "%" + flags + string(verb)
					check(format, fmt.Sprintf(format, v))
				}
			}
			if data, err := json.Marshal(v); err == nil {
				check("encoding/json", string(data))
			}
			if data, err := xml.Marshal(v); err == nil {
				check("encoding/xml", string(data))
			}
			var b bytes.Buffer
			if gob.NewEncoder(&b).Encode(v) == nil {
				check("encoding/gob", b.String())
			}
			b.Reset()
			slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
			slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v, slog.Group("g", "v", v))
			check("log/slog", b.String())
			check("an error", fmt.Errorf("failed with %v and %w", v, fmt.Errorf("%+v", v)).Error())
		})
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	s := events.NewSecret(secretValue)
	if s.Reveal() != secretValue || s.IsZero() || s.String() != "(secret left out)" {
		t.Errorf("Reveal %q, IsZero %t, String %q", s.Reveal(), s.IsZero(), s)
	}
	if !s.Equal(events.NewSecret(secretValue)) || s.Equal(events.NewSecret("other")) || !reflect.DeepEqual(s, events.NewSecret(secretValue)) {
		t.Error("secrets of one text are not equal, or those of two are")
	}
	for _, zero := range []events.Secret{{}, events.NewSecret("")} {
		if zero.Reveal() != "" || !zero.IsZero() || zero.String() != "" || zero.Equal(s) {
			t.Errorf("the secret \"\" is %q, shown as %q", zero.Reveal(), zero)
		}
	}
}
