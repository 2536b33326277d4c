package operations

import "example.org/wsclient/wsclient"

func deflateNegotiate(input struct {
	Side, Offers, Offer, Response string
	Config                        struct {
		ServerNoContextTakeover, ClientNoContextTakeover bool
		ServerMaxWindowBits, ClientMaxWindowBits         uint
	}
}) (any, error) {
	if input.Side == "server" {
		own := wsclient.Deflate{
			ServerFresh: input.Config.ServerNoContextTakeover, ClientFresh: input.Config.ClientNoContextTakeover,
			ServerWindow: input.Config.ServerMaxWindowBits, ClientWindow: input.Config.ClientMaxWindowBits,
		}
		answer, err := wsclient.AnswerOffers(input.Offers, own)
		return object{"response": textOrNull(answer)}, err
	}
	agreed, err := wsclient.CheckAnswer(input.Offer, input.Response)
	if agreed == nil {
		return object{"parameters": nil}, err
	}
	return object{"parameters": object{
		"serverNoContextTakeover": agreed.ServerFresh, "clientNoContextTakeover": agreed.ClientFresh,
		"serverMaxWindowBits": window(agreed.ServerWindow), "clientMaxWindowBits": window(agreed.ClientWindow),
	}}, err
}

func window(bits uint) uint {
	if bits == 0 {
		return 15
	}
	return bits
}

func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

type messagesInput struct {
	Messages        []Bytes
	WindowBits      *uint
	ContextTakeover *bool
	Level           *int
	MaxLength       *int
}

func deflateCompress(input messagesInput) (any, error) {
	deflater, err := wsclient.NewDeflater(or(input.WindowBits, 15), !or(input.ContextTakeover, true), or(input.Level, 6))
	if err != nil {
		return nil, err
	}
	out := []Bytes{}
	for _, message := range input.Messages {
		out = append(out, deflater.Message(message))
	}
	return object{"messages": out}, nil
}

func deflateDecompress(input messagesInput) (any, error) {
	inflater := wsclient.Inflater{
		WindowBits: or(input.WindowBits, 15), Fresh: !or(input.ContextTakeover, true), Limit: or(input.MaxLength, maxMessageLength),
	}
	out := []Bytes{}
	for index, message := range input.Messages {
		data, err := inflater.Message(message)
		if err != nil {
			return nil, &Refused{fault(err).Code, index}
		}
		out = append(out, data)
	}
	return object{"messages": out}, nil
}
