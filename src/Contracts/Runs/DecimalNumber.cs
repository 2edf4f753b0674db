using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>A number as people write it: decimal digits times a power of ten, never rounded.</summary>
public readonly struct DecimalNumber
{
    // More than any double has; what is longer is no number that an option takes.
    private const int MaxDigits = 1000;
    private const int MaxExponent = 1000;

    private static readonly SearchValues<char> _signsAndDigits = SearchValues.Create("+-0123456789");

    private readonly BigInteger _digits;
    private readonly int _exponent;

    private DecimalNumber(BigInteger digits, int exponent)
    {
        while (!digits.IsZero && BigInteger.DivRem(digits, 10, out var last) is var shorter && last.IsZero)
        {
            (digits, exponent) = (shorter, exponent + 1);
        }

        (_digits, _exponent) = (digits, digits.IsZero ? 0 : exponent);
    }

    /// <summary>Whether it has no fraction, however it was written.</summary>
    public bool IsWhole => _exponent >= 0;

    /// <summary>The shortest digits that are read back as this double.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public static DecimalNumber Of(double number) => TryParse(number.ToString("R", CultureInfo.InvariantCulture), out var exact)
        ? exact
        : throw new ArgumentOutOfRangeException(nameof(number), number, "expected a finite number");

    /// <summary>Reads ASCII digits with an optional sign, point and exponent: 64, -0.5, .5, 5e-4, 1E3.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DecimalNumber number)
    {
        number = default;
        var mantissa = text;
        var exponent = 0;
        if (text.IndexOfAny('e', 'E') is >= 0 and var at)
        {
            mantissa = text[..at];
            var power = text[(at + 1)..];
            if (power.ContainsAnyExcept(_signsAndDigits) || !int.TryParse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                || Math.Abs(exponent) > MaxExponent)
            {
                return false;
            }
        }

        var unsigned = mantissa is ['-' or '+', ..] ? mantissa[1..] : mantissa;
        var point = unsigned.IndexOf('.');
        var digits = point < 0 ? unsigned.ToString() : string.Concat(unsigned[..point], unsigned[(point + 1)..]);
        if (digits.Length is 0 or > MaxDigits || digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var size = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        number = new DecimalNumber(mantissa is ['-', ..] ? -size : size, exponent - (point < 0 ? 0 : digits.Length - point));
        return true;
    }

    /// <summary>The double nearest to what lies exactly <paramref name="part"/> of <paramref name="parts"/> on the way from one number to another.</summary>
    public static double Between(double from, double to, int part, int parts)
    {
        // divided once, to more digits than a double has
        const int spare = 40;
        var sum = (Of(from) * (parts - part)) + (Of(to) * part);
        return new DecimalNumber(sum._digits * BigInteger.Pow(10, spare) / parts, sum._exponent - spare).ToDouble();
    }

    /// <summary>The sum.</summary>
    public static DecimalNumber operator +(DecimalNumber left, DecimalNumber right)
    {
        var exponent = Math.Min(left._exponent, right._exponent);
        return new DecimalNumber(left.Scaled(exponent) + right.Scaled(exponent), exponent);
    }

    /// <summary>The difference.</summary>
    public static DecimalNumber operator -(DecimalNumber left, DecimalNumber right) => left + (right * -1);

    /// <summary>The product.</summary>
    public static DecimalNumber operator *(DecimalNumber left, int factor) => new(left._digits * factor, left._exponent);

    /// <summary>How often a step above zero fits, and the share of one more that is left.</summary>
    public (double Count, double Share) DivideBy(DecimalNumber step)
    {
        var exponent = Math.Min(_exponent, step._exponent);
        var count = BigInteger.DivRem(Scaled(exponent), step.Scaled(exponent), out var rest);
        return ((double)count, new DecimalNumber(rest, exponent).ToDouble() / step.ToDouble());
    }

    /// <summary>The nearest double.</summary>
    public double ToDouble() => double.Parse($"{_digits}e{_exponent}", NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The whole number, if it is one and 64 bits hold it.</summary>
    public bool TryToInt64(out long whole)
    {
        var exact = _exponent is >= 0 and <= 18 ? _digits * BigInteger.Pow(10, _exponent) : BigInteger.Pow(2, 64);
        var fits = exact >= long.MinValue && exact <= long.MaxValue;
        whole = fits ? (long)exact : 0;
        return fits;
    }

    /// <summary>As people write it: 0.0005, 64, 1e-5, 1.5e20.</summary>
    public override string ToString()
    {
        const int leastBeforePoint = -3, mostBeforePoint = 15;
        var digits = BigInteger.Abs(_digits).ToString(CultureInfo.InvariantCulture);
        var beforePoint = digits.Length + _exponent;
        var text = beforePoint is < leastBeforePoint or > mostBeforePoint
            ? $"{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(beforePoint - 1).ToString(CultureInfo.InvariantCulture)}"
            : _exponent >= 0 ? digits.PadRight(beforePoint, '0')
            : beforePoint > 0 ? $"{digits[..beforePoint]}.{digits[beforePoint..]}"
            : $"0.{digits.PadLeft(-_exponent, '0')}";
        return _digits.Sign < 0 ? $"-{text}" : text;
    }

    private BigInteger Scaled(int exponent) => _digits * BigInteger.Pow(10, _exponent - exponent);
}
