package events

import (
	"encoding/json"
	"strings"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// snsMessage is an SNS message, sqsRecord an SQS message as Lambda gets them.
type (
	snsMessage struct {
		SNSDelivery
		Message string `event:"Message,id"`
	}
	snsRecord struct {
		SubscriptionARN string      `event:"EventSubscriptionArn"`
		SNS             *snsMessage `event:"Sns,id"`
	}
	sqsRecord struct {
		SQSDelivery
		Body string `event:"body,id"`
	}
	lambdaRecord struct {
		LambdaDelivery
		Payload json.RawMessage `event:"requestPayload"`
	}
)

// records decodes {"Records": [...]}.
func (w *walker) records(d *jsontext.Scanner) error {
	more, err := d.Open('{')
	seen := false
	for more && err == nil {
		var key string
		if key, err = d.Name(); err != nil {
			return err
		}
		switch {
		case key != "Records":
			_, err = d.Value()
		case seen:
			return within(key, d.Fail("the member appears twice"))
		default:
			seen = true
			found := len(w.items)
			if err = w.within(key, found, w.array(d)); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		more, err = d.Next('{')
	}
	return err
}

// record decodes an element of Records.
func (w *walker) record(d *jsontext.Scanner, name typeName) error {
	switch name.source {
	case "aws:codecommit":
		return w.event(d, &RepositoryTrigger{})
	case "aws:s3":
		return w.event(d, &S3Notification{})
	case "aws:sns":
		return w.snsRecord(d)
	case "aws:sqs":
		return w.sqsRecord(d)
	}
	text, err := d.Value()
	if err == nil {
		w.add(&Unknown{}, text)
	}
	return err
}

func (w *walker) snsRecord(d *jsontext.Scanner) error {
	var r snsRecord
	problems, err := bind(d, &r)
	if err != nil {
		return err
	}
	if r.SNS == nil {
		return within("Sns", d.Fail("missing"))
	}
	r.SNS.SubscriptionARN = r.SubscriptionARN
	found := len(w.items)
	err = w.within("Sns", found, w.snsMessage(r.SNS))
	w.tell(problems, found)
	return err
}

// sns decodes an SNS message that is no record.
func (w *walker) sns(d *jsontext.Scanner) error {
	start := d.Pos
	var m snsMessage
	problems, err := bind(d, &m)
	if err != nil {
		return err
	}
	if strings.HasSuffix(m.Type, "Confirmation") { // of a subscription or its end
		w.delivery.SNS = &m.SNSDelivery
		w.add(&Unknown{}, d.Text[start:d.Pos], problems...)
		return nil
	}
	found := len(w.items)
	err = w.snsMessage(&m)
	w.tell(problems, found)
	return err
}

func (w *walker) snsMessage(m *snsMessage) error {
	w.delivery.SNS = &m.SNSDelivery
	found := len(w.items)
	return w.within("Message", found, w.message(m.Message))
}

func (w *walker) sqsRecord(d *jsontext.Scanner) error {
	var r sqsRecord
	problems, err := bind(d, &r)
	if err != nil {
		return err
	}
	if r.MessageID == "" {
		return within("messageId", d.Fail("missing"))
	}
	if w.delivery.SQS == nil { // else it is a batch inside a message, and the message is what SQS knows
		w.delivery.SQS = &r.SQSDelivery
		w.sqs = w.sqs || w.depth <= 1
	}
	found := len(w.items)
	err = w.within("body", found, w.message(r.Body))
	w.tell(problems, found)
	return err
}

// tell gives the problems of a message to the events in it, which are the items
// from the given one on.
func (w *walker) tell(problems []*DecodeError, from int) {
	for _, problem := range problems {
		for _, it := range w.items[from:] {
			if it.event == nil {
				continue
			}
			if s := it.event.origin().src; len(s.problems) < maxProblems {
				p := *problem
				s.problems = append(s.problems, &p)
			}
		}
	}
}

// invocation decodes the record of a call of a Lambda function.
func (w *walker) invocation(d *jsontext.Scanner) error {
	leave, err := w.enter()
	if err != nil {
		return err
	}
	defer leave()
	var r lambdaRecord
	problems, err := bind(d, &r)
	if err != nil {
		return err
	}
	w.delivery.Lambda = &r.LambdaDelivery
	found := len(w.items)
	err = w.within("requestPayload", found, w.payload(&jsontext.Scanner{Text: string(r.Payload)}))
	w.tell(problems, found)
	return err
}
