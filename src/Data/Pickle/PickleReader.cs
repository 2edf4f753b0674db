using System.Buffers.Binary;
using System.Text;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Data.Pickle;

/// <summary>Reads the pickles that state dicts are made of. It runs nothing: what it does not know it refuses, by name and place.</summary>
/// <remarks>Python's pickletools.py is the source of the opcodes, torch/serialization.py of what is asked for in them.</remarks>
/// <param name="bytes">One or more pickles, one behind the other.</param>
/// <param name="source">What they came from, for errors.</param>
internal sealed class PickleReader(ReadOnlyMemory<byte> bytes, string source)
{
    private const int MaxValues = 4_000_000;
    private const int MaxMemo = 1_000_000;
    private const int MaxName = 256;

    private static readonly object _mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _opcodeAt;
    private int _values;

    /// <summary>Place of the next byte.</summary>
    public int Position { get; private set; }

    private ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>The next pickle's value.</summary>
    /// <exception cref="CheckpointException">It is damaged, or asks for something that state dicts do not.</exception>
    public object? Read()
    {
        _stack.Clear();
        _memo.Clear();
        while (true)
        {
            _opcodeAt = Position;
            var opcode = Take(1)[0];
            if (opcode == (byte)'.')
            {
                return Pop();
            }

            Do(opcode);
        }
    }

    private void Do(byte opcode)
    {
        if (PushNumber(opcode) || PushText(opcode) || Remember(opcode) || Gather(opcode))
        {
            return;
        }

        switch (opcode)
        {
            case 0x80: // PROTO
                var protocol = Take(1)[0];
                _ = protocol <= 5 ? protocol : throw Problem("unknown pickle protocol", "2 to 5", $"{protocol}");
                break;
            case 0x95: // FRAME: its bytes come in line
                Take(8);
                break;
            case (byte)'c': // GLOBAL
                Push(TorchObjects.Find(Line(), Line(), this));
                break;
            case 0x93: // STACK_GLOBAL
                var name = Pop<string>("a name");
                Push(TorchObjects.Find(Pop<string>("a module"), name, this));
                break;
            case (byte)'Q': // BINPERSID
                Push(TorchObjects.Storage(Pop(), this));
                break;
            case (byte)'R': // REDUCE
                var arguments = Pop<PickledTuple>("a tuple of arguments");
                Push(TorchObjects.Make(Pop<PickledGlobal>("one of the names that state dicts use"), arguments.Items, this));
                break;
            case (byte)'b': // BUILD: what a dictionary says beside its entries, such as versions of modules
                Pop();
                _ = Top() is PickledDictionary ? true : throw Problem("an object with attributes of its own", "a dictionary", Describe(Top()));
                break;
            default:
                throw Problem($"opcode 0x{opcode:x2}", "one that a state dict has", "another");
        }
    }

    /// <summary>An error about the opcode that is being read.</summary>
    public CheckpointException Problem(string what, string expected, string got) => new(
        source, $"{what} at byte {_opcodeAt} of its pickle", expected, got,
        "Only state dicts are read, and no code is run: write one with torch.save(model.state_dict(), FILE), or use another copy if the file is damaged.");

    internal static string Describe(object? value) => value switch
    {
        null => "None",
        PickledDictionary => "a dictionary",
        PickledList => "a list",
        PickledTuple tuple => $"a tuple of {tuple.Items.Length}",
        PickledGlobal global => $"{global}",
        TorchTensor tensor => $"a tensor of shape [{string.Join(", ", tensor.Shape)}]",
        string text => CheckpointException.Quote(text),
        _ => value == _mark ? "a mark" : $"{value}",
    };

    private bool PushNumber(byte opcode)
    {
        object? value;
        switch (opcode)
        {
            case (byte)'N':
                value = null;
                break;
            case 0x88 or 0x89: // NEWTRUE, NEWFALSE
                value = opcode == 0x88;
                break;
            case (byte)'K':
                value = (long)Take(1)[0];
                break;
            case (byte)'M':
                value = (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
                break;
            case (byte)'J':
                value = (long)BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                break;
            case 0x8a: // LONG1
                value = Long(Take(Take(1)[0]));
                break;
            case (byte)'G':
                value = BinaryPrimitives.ReadDoubleBigEndian(Take(8));
                break;
            default:
                return false;
        }

        Push(value);
        return true;
    }

    private bool PushText(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'X': // BINUNICODE
                Push(Text(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))));
                return true;
            case 0x8c: // SHORT_BINUNICODE
                Push(Text(Take(Take(1)[0])));
                return true;
            case (byte)'T': // BINSTRING, of Python 2
                Push(Text(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))));
                return true;
            case (byte)'U': // SHORT_BINSTRING
                Push(Text(Take(Take(1)[0])));
                return true;
            default:
                return false;
        }
    }

    private bool Remember(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q':
                Remember((uint)Take(1)[0]);
                return true;
            case (byte)'r':
                Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                return true;
            case 0x94: // MEMOIZE
                Remember((uint)_memo.Count);
                return true;
            case (byte)'h':
                Push(Recall(Take(1)[0]));
                return true;
            case (byte)'j':
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                return true;
            default:
                return false;
        }
    }

    private bool Gather(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(':
                Push(_mark);
                return true;
            case (byte)'}':
                Push(new PickledDictionary());
                return true;
            case (byte)']':
                Push(new PickledList());
                return true;
            case (byte)')':
                Push(new PickledTuple([]));
                return true;
            case 0x85 or 0x86 or 0x87: // TUPLE1, TUPLE2, TUPLE3
                Push(new PickledTuple(PopLast(opcode - 0x84)));
                return true;
            case (byte)'t':
                Push(new PickledTuple(PopToMark()));
                return true;
            case (byte)'a':
                var item = Pop();
                Top<PickledList>("a list").Items.Add(item);
                return true;
            case (byte)'e':
                var items = PopToMark();
                Top<PickledList>("a list").Items.AddRange(items);
                return true;
            case (byte)'s':
                Set(PopLast(2));
                return true;
            case (byte)'u':
                Set(PopToMark());
                return true;
            default:
                return false;
        }
    }

    private void Set(object?[] entries)
    {
        if (entries.Length % 2 != 0)
        {
            throw Problem("a dictionary's entry without a value", "names and values in turn", $"{entries.Length} of them");
        }

        var target = Top<PickledDictionary>("a dictionary").Entries;
        for (var i = 0; i < entries.Length; i += 2)
        {
            target.Add(KeyValuePair.Create(entries[i], entries[i + 1]));
        }
    }

    private void Push(object? value)
    {
        if (++_values > MaxValues)
        {
            throw Problem("too many values", $"at most {MaxValues}", "more");
        }

        _stack.Add(value);
    }

    private object? Top() => _stack.Count > 0 ? _stack[^1] : throw Problem("an empty stack", "a value", "none");

    private T Top<T>(string expected) where T : class => Top() as T ?? throw Problem("wrong kind of value", expected, Describe(Top()));

    private object? Pop()
    {
        var value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Pop<T>(string expected) where T : class => Pop() is var value && value is T wanted ? wanted : throw Problem("wrong kind of value", expected, Describe(value));

    private object?[] PopLast(int count)
    {
        if (_stack.Count < count)
        {
            throw Problem("a stack that is too short", $"{count} values", $"{_stack.Count}");
        }

        var values = _stack.GetRange(_stack.Count - count, count).ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private object?[] PopToMark()
    {
        var mark = _stack.LastIndexOf(_mark);
        if (mark < 0)
        {
            throw Problem("no mark on the stack", "one", "none");
        }

        var values = PopLast(_stack.Count - mark - 1);
        Pop();
        return values;
    }

    private void Remember(uint key)
    {
        if (_memo.Count >= MaxMemo)
        {
            throw Problem("too many values remembered", $"at most {MaxMemo}", "more");
        }

        _memo[key] = Top();
    }

    private object? Recall(uint key) => _memo.TryGetValue(key, out var value) ? value : throw Problem($"value {key} was never remembered", "one that was", "none");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Bytes.Length - Position < count)
        {
            throw Problem("cut off", $"{count} more bytes", $"{Bytes.Length - Position}");
        }

        Position += count;
        return Bytes.Slice(Position - count, count);
    }

    private int Length(uint length) => length <= int.MaxValue ? (int)length : throw Problem("a text that is too long", $"at most {int.MaxValue} bytes", $"{length}");

    private string Line()
    {
        var rest = Bytes[Position..];
        var end = rest[..Math.Min(rest.Length, MaxName)].IndexOf((byte)'\n');
        return end < 0 ? throw Problem("a name without an end", $"one of less than {MaxName} bytes", "a longer one") : Text(Take(end + 1)[..^1]);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private long Long(ReadOnlySpan<byte> littleEndian)
    {
        if (littleEndian.Length > sizeof(long))
        {
            throw Problem("a whole number that is too large", "at most 8 bytes", $"{littleEndian.Length}");
        }

        var value = littleEndian is [.., >= 0x80] ? -1L : 0L;
        for (var i = littleEndian.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | littleEndian[i];
        }

        return value;
    }
}
