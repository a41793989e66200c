import { tuple } from "../scale/composites";
import { u16, u32 } from "../scale/primitives";
import { call, definePallet } from "./pallet";
import { map, plain } from "./storage-item";
import { accountId } from "./system-types";

/** The price of a TFT in thousandths of a dollar. @source tfchain spec 152 metadata */
export const TFTPriceModule = definePallet({
  index: 28,
  name: "TFTPriceModule",
  crate: "pallet_tft_price",
  calls: {
    set_prices: call(0, { price: u32, block_number: u32 }),
    set_min_tft_price: call(2, { price: u32 }),
    set_max_tft_price: call(3, { price: u32 }),
  },
  events: {
    PriceStored: [u32],
    OffchainWorkerExecuted: [accountId],
    AveragePriceStored: [u32],
    AveragePriceIsAboveMaxPrice: [u32, u32],
    AveragePriceIsBelowMinPrice: [u32, u32],
  },
  errors: [
    "ErrFetchingPrice",
    "OffchainSignedTxError",
    "NoLocalAcctForSigning",
    "AccountUnauthorizedToSetPrice",
    "MaxPriceBelowMinPriceError",
    "MinPriceAboveMaxPriceError",
    "IsNotAnAuthority",
    "WrongAuthority",
  ],
  storage: {
    TftPrice: plain(u32, 0),
    LastBlockSet: plain(u32, 0),
    AverageTftPrice: plain(u32, 0),
    TftPriceHistory: map([u16], u32, 0),
    BufferRange: plain(tuple(u16, u16), [0, 0]),
    MinTftPrice: plain(u32, 0),
    MaxTftPrice: plain(u32, 0),
  },
  constants: {},
});
